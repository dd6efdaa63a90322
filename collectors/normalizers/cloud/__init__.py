"""Audit logs of clouds and orchestrators."""

from collectors.normalizers.cloud.aliyun_actiontrail import AliyunActiontrailNormalizer
from collectors.normalizers.cloud.aws_cloudtrail import AwsCloudtrailNormalizer
from collectors.normalizers.cloud.kubernetes_audit import KubernetesAuditNormalizer

__all__ = ["AliyunActiontrailNormalizer", "AwsCloudtrailNormalizer", "KubernetesAuditNormalizer"]
