"""What people write while they review: kept without the values that they may have pasted into it."""

from __future__ import annotations

from classification.masking import mask_text
from classification.review.errors import InvalidReviewError
from classification.review.policy import review_policy
from classification.text import text_scanner


def kept_words(comment: str | None) -> str | None:
    """A comment as it is kept: every identifier in it masked; None where it says nothing.

    Raises:
        InvalidReviewError: it is longer than policy allows.
    """
    words = (comment or "").strip()
    longest = review_policy().comment_maximum_length
    if len(words) > longest:
        raise InvalidReviewError(f"A comment has at most {longest} characters; shorten it")
    return mask_text(words, text_scanner()) or None
