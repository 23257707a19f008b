"""Settings from `auditor.toml`: where the file is, what it says, and what is wrong with it.

Knows no command and no option: the caller brings the shape (`Table`, `Setting`) that the file is held against.
"""

from auditor.settings.faults import SettingsError
from auditor.settings.file import FILE_NAME, find_file
from auditor.settings.reading import Given, Settings, read_settings
from auditor.settings.shape import Setting, Table, Unsuitable

__all__ = [
    "FILE_NAME",
    "Given",
    "Setting",
    "Settings",
    "SettingsError",
    "Table",
    "Unsuitable",
    "find_file",
    "read_settings",
]
