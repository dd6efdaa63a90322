"""What data is: identifiers, column and text detectors, grading, scans, review, masking."""
