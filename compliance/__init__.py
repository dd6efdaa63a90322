"""What a system must fulfil, what speaks for and against it, how it is judged, scored and reported."""
