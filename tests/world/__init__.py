"""One builder of realistic buckets and databases, with the truth about what was planted in them."""

from tests.world.builder import BackupOptions, build
from tests.world.faults import Faults
from tests.world.ledger import EmbeddingFault, WorldObject
from tests.world.truth import Expected, Truth
from tests.world.world import World

__all__ = ["BackupOptions", "EmbeddingFault", "Expected", "Faults", "Truth", "World", "WorldObject", "build"]
