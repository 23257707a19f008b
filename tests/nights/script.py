"""What happens on which day, and what the digest of which night must say of it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.nights import mishaps as m
from tests.nights.mishaps import Mishap
from tests.nights.planned import Fate

NIGHTS = 10
PLANNED = 9  # the night whose run the cleanup is planned from


@dataclass(frozen=True)
class Event:
    """A mishap at noon of a day, twelve hours before the audit of that night, and its repair on a later morning.

    `told` is the night whose digest has it as new, `fixed` the night whose digest has it as fixed. A mishap that is
    `young` becomes old enough to be accused one night later. A night in trouble tells nothing; the next one does.
    `fate` is what becomes of files that the cleanup takes, between the plan and its verification.
    """

    mishap: Mishap
    day: int
    told: int
    repaired: int
    fixed: int
    fate: Fate | None = None

    @property
    def due(self) -> int:
        """The night from which on a whole audit sees it."""
        return self.day + self.mishap.young

    @property
    def seen(self) -> bool:
        """Not if it came and went between two nights, or in a night in trouble."""
        return self.told < self.fixed

    def there(self, night: int) -> bool:
        return self.due <= night < self.repaired


SCRIPT = (
    Event(m.crash_between_upload_and_row, day=1, told=2, repaired=3, fixed=3),
    Event(m.object_deleted_by_mistake, day=2, told=2, repaired=5, fixed=5),
    Event(m.multipart_upload_begun_and_left, day=2, told=3, repaired=7, fixed=7),
    # night 4 cannot tell what comes due, nor what was repaired
    Event(m.embeddings_that_are_no_numbers, day=2, told=2, repaired=4, fixed=5),
    Event(m.films_in_segments, day=4, told=5, repaired=6, fixed=7),
    Event(m.key_of_a_journal_without_its_row, day=2, told=3, repaired=4, fixed=5),
    # nor can night 6, though it sees half of the bucket
    Event(m.statistics_in_a_folder_of_their_own, day=6, told=7, repaired=9, fixed=9),
    # nor can night 8, which never ends
    Event(m.object_deleted_by_mistake, day=8, told=9, repaired=10, fixed=10),
    Event(m.file_in_use_left_on_the_list, day=9, told=9, repaired=10, fixed=10),
    # what night 9 has seen on two nights is planned for deletion, and looked at again before anything is deleted
    Event(m.upload_that_nobody_came_back_for, day=3, told=5, repaired=10, fixed=10, fate=Fate.STAYS),
    Event(m.deleted_account_leaves_its_picture, day=5, told=5, repaired=10, fixed=10, fate=Fate.STAYS),
    Event(m.crash_between_upload_and_row, day=5, told=7, repaired=10, fixed=10, fate=Fate.STAYS),
    Event(m.crash_between_upload_and_row, day=3, told=5, repaired=10, fixed=10, fate=Fate.GETS_ITS_ROW),
    Event(m.replaced_film_leaves_its_original, day=6, told=7, repaired=10, fixed=10, fate=Fate.IS_USED_AGAIN),
    Event(m.crash_between_upload_and_row, day=4, told=5, repaired=10, fixed=10, fate=Fate.IS_OVERWRITTEN),
    Event(m.new_embeddings_leave_the_old_ones, day=4, told=5, repaired=10, fixed=10, fate=Fate.IS_DELETED),
    # seen once, so too late for the plan
    Event(m.crash_between_upload_and_row, day=9, told=10, repaired=11, fixed=11),
)
