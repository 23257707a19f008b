"""IMG001 to IMG004: images, by their first bytes or from the first to the last.

Originals are what people uploaded, or the settings from which a share image is generated; exports are what the service
made of them, in the format that their key names.
"""

from __future__ import annotations

from rules.images.rule import ImageRules

__all__ = ["ImageRules"]
