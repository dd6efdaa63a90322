"""Words in a row where the index has words without their places: tried on the stored events that hold all of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from store.elasticsearch.mapping import word_classes

_SCRIPT = """\
boolean isIn(List bounds, int point) {
  int place = Collections.binarySearch(bounds, point);
  return (place >= 0 ? place + 1 : -place - 1) % 2 == 1;
}
boolean isRow(String text, int start, Map params) {
  int place = start;
  for (int number = 0; number < params.words.size(); number++) {
    String word = params.words[number];
    while (number > 0 && place < text.length()) {
      int point = text.codePointAt(place);
      if (isIn(params.runs, point) || isIn(params.singles, point)) { break; }
      place += Character.charCount(point);
    }
    if (!text.startsWith(word, place)) { return false; }
    boolean isRun = isIn(params.runs, word.codePointAt(0));
    if (isRun && place > 0 && isIn(params.runs, text.codePointBefore(place))) { return false; }
    place += word.length();
    if (isRun && place < text.length() && isIn(params.runs, text.codePointAt(place))) { return false; }
  }
  return true;
}
boolean holds(String text, Map params) {
  String first = params.words[0];
  for (int start = text.indexOf(first); start >= 0; start = text.indexOf(first, start + 1)) {
    if (isRow(text, start, params)) { return true; }
  }
  return false;
}
def value = params._source[params.field];
def values = value instanceof List ? value : [value];
for (def each : values) {
  if (each != null && holds(each.toString().toLowerCase(Locale.ROOT), params)) { emit(true); return; }
}
"""


class RowChecks:
    """The fields, computed as a search looks at an event, that say whether its text has some words in a row.

    Reading an event costs a thousand times what an index look-up does, so that a query asks for the words themselves
    beside.
    """

    def __init__(self) -> None:
        """None as yet."""
        self.fields: dict[str, dict[str, Any]] = {}
        """What a search must be told beside its query, as its runtime mappings."""

    def name(self, field: str, words: Sequence[str]) -> str:
        """The name of the computed field for words of a text field."""
        params = {"field": field, "words": list(words), **_bounds()}
        made = {"type": "boolean", "script": {"source": _SCRIPT, "params": params}}
        for name, known in self.fields.items():
            if known == made:
                return name
        name = f"fengsui.row.{len(self.fields)}"
        self.fields[name] = made
        return name


@cache
def _bounds() -> dict[str, list[int]]:
    """The characters of words as ascending bounds: where a range begins, and where it has ended."""
    runs, singles = word_classes()
    return {
        name: [bound for first, last in ranges for bound in (first, last + 1)]
        for name, ranges in (("runs", runs), ("singles", singles))
    }
