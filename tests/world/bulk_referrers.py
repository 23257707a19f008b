"""What refers to the rows of a bucket of any size: made by the database itself, set by set."""

from __future__ import annotations

import sqlite3

_OF_AN_IMAGE, _OF_A_SOUND = 180, 56  # files
ALONE_EVERY = 1_013  # files, of which nothing refers to one; and the same of images

_EXPORTS = f"""
INSERT INTO image_files SELECT DISTINCT id / {_OF_AN_IMAGE} + 1, 'oseh_if_' || (id / {_OF_AN_IMAGE}), 'n', NULL,
    'sha' || (id / {_OF_AN_IMAGE}), 1, 1, 1.7e9 FROM s3_files;
INSERT INTO image_file_exports SELECT id, 'oseh_ife_' || id, id / {_OF_AN_IMAGE} + 1, id, 1, 1, 0, 0, 0, 0, 'webp',
    '{{"lossless": false, "quality": 95}}', '3OcRJYB4d3h_iIeHeEh3eIhw-j3A', 1.7e9 FROM s3_files
    WHERE key LIKE 's3_files/images/%' AND id % {ALONE_EVERY};
INSERT INTO email_images SELECT id, 'oseh_eim_' || id, id, 1.7e9 FROM image_files WHERE id % {ALONE_EVERY};
"""
_PARTS = f"""
INSERT INTO content_files SELECT DISTINCT id / {_OF_A_SOUND} + 1, 'oseh_cf_' || (id / {_OF_A_SOUND}), 'n', NULL,
    'sha' || (id / {_OF_A_SOUND}), 1, 1.7e9 FROM s3_files;
INSERT INTO content_file_exports SELECT id, 'oseh_cfe_' || id, id, 'm3u8', '{{}}', 1, 'aac', 10, '{{}}', 1.7e9
    FROM content_files;
INSERT INTO content_file_export_parts SELECT id, 'oseh_cfep_' || id, id / {_OF_A_SOUND} + 1, id, id, 10, 1.7e9
    FROM s3_files WHERE key NOT LIKE 's3_files/images/%' AND key NOT LIKE 's3_files/j%' AND id % {ALONE_EVERY};
INSERT INTO journey_audio_contents SELECT id, 'oseh_jac_' || id, id, 1.7e9 FROM content_files WHERE id % {ALONE_EVERY};
"""
_KEYS = """
INSERT INTO users VALUES (1, 'oseh_u_1', NULL, 1.7e9);
INSERT INTO user_journal_client_keys SELECT id, 'oseh_ujck_' || id, 1, NULL, id, 'ios', 1.7e9, NULL FROM s3_files
    WHERE key LIKE 's3_files/j%';
"""


def refer(connection: sqlite3.Connection) -> None:
    """Rows of the service's tables that refer to nearly all of `s3_files`."""
    for script in (_EXPORTS, _PARTS, _KEYS):
        connection.executescript(script)
