"""Settings of commands: from flags, from the environment, from `auditor.toml`, in this order, else the default.

Everything is built from the click commands themselves, so an option that a command declares is a setting at once.
"""

from auditor.cli.settings.environment import name_environment
from auditor.cli.settings.loading import settings_options, stronger, use_settings
from auditor.cli.settings.paths import DatabaseUrl, PathOr
from auditor.cli.settings.secret import SecretOption, UrlOption

__all__ = [
    "DatabaseUrl",
    "PathOr",
    "SecretOption",
    "UrlOption",
    "name_environment",
    "settings_options",
    "stronger",
    "use_settings",
]
