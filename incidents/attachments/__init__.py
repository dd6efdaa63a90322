"""Files given to incidents and notices: checked by content, kept by digest, never shown inline."""
