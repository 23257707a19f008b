-- The service's tables as far as files are concerned: columns, foreign keys and indexes as its migrations have them.
-- Their order is one in which no reference points ahead.

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    sub TEXT UNIQUE NOT NULL,
    given_name TEXT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE s3_files (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    key TEXT NOT NULL,
    file_size INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE s3_file_uploads (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    success_job_name TEXT NOT NULL,
    success_job_kwargs TEXT NOT NULL,
    failure_job_name TEXT NOT NULL,
    failure_job_kwargs TEXT NOT NULL,
    job_progress_uid TEXT NULL,
    created_at REAL NOT NULL,
    completed_at REAL NULL,
    expires_at REAL NOT NULL
);

CREATE TABLE s3_file_upload_parts (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    s3_file_upload_id INTEGER NOT NULL REFERENCES s3_file_uploads(id) ON DELETE CASCADE,
    part_number INTEGER NOT NULL,
    start_byte INTEGER NOT NULL,
    end_byte INTEGER NOT NULL,
    s3_file_id INTEGER NULL REFERENCES s3_files(id) ON DELETE SET NULL,
    UNIQUE (s3_file_upload_id, part_number)
);

CREATE TABLE image_files (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    name TEXT NOT NULL,
    original_s3_file_id INTEGER NULL REFERENCES s3_files(id) ON DELETE SET NULL,
    original_sha512 TEXT UNIQUE NOT NULL,
    original_width INTEGER NOT NULL,
    original_height INTEGER NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE image_file_exports (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    s3_file_id INTEGER NOT NULL REFERENCES s3_files(id) ON DELETE CASCADE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    left_cut_px INTEGER NOT NULL,
    right_cut_px INTEGER NOT NULL,
    top_cut_px INTEGER NOT NULL,
    bottom_cut_px INTEGER NOT NULL,
    format TEXT NOT NULL,
    quality_settings TEXT NOT NULL,
    thumbhash TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE content_files (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    name TEXT NOT NULL,
    original_s3_file_id INTEGER NULL REFERENCES s3_files(id) ON DELETE SET NULL,
    original_sha512 TEXT UNIQUE NOT NULL,
    duration_seconds REAL NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE content_file_exports (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    content_file_id INTEGER NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    format TEXT NOT NULL,
    format_parameters TEXT NOT NULL,
    bandwidth INTEGER NOT NULL,
    codecs TEXT NOT NULL,
    target_duration INTEGER NOT NULL,
    quality_parameters TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE content_file_export_parts (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    content_file_export_id INTEGER NOT NULL REFERENCES content_file_exports(id) ON DELETE CASCADE,
    s3_file_id INTEGER NOT NULL REFERENCES s3_files(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    duration_seconds REAL NOT NULL,
    created_at REAL NOT NULL,
    UNIQUE (content_file_export_id, position)
);

CREATE TABLE instructors (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    name TEXT NOT NULL,
    picture_image_file_id INTEGER NULL REFERENCES image_files(id) ON DELETE SET NULL,
    created_at REAL NOT NULL
);

CREATE TABLE journeys (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    audio_content_file_id INTEGER NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    background_image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    blurred_background_image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    darkened_background_image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    instructor_id INTEGER NOT NULL REFERENCES instructors(id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    created_at REAL NOT NULL,
    deleted_at REAL NULL,
    special_category TEXT NULL,
    sample_content_file_id INTEGER NULL REFERENCES content_files(id) ON DELETE SET NULL,
    video_content_file_id INTEGER NULL REFERENCES content_files(id) ON DELETE SET NULL,
    share_image_file_id INTEGER NULL REFERENCES image_files(id) ON DELETE SET NULL
);

CREATE TABLE courses (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    slug TEXT UNIQUE NOT NULL,
    title TEXT NOT NULL,
    background_original_image_file_id INTEGER NULL REFERENCES image_files(id) ON DELETE SET NULL,
    background_darkened_image_file_id INTEGER NULL REFERENCES image_files(id) ON DELETE SET NULL,
    video_thumbnail_image_file_id INTEGER NULL REFERENCES image_files(id) ON DELETE SET NULL,
    logo_image_file_id INTEGER NULL REFERENCES image_files(id) ON DELETE SET NULL,
    hero_image_file_id INTEGER NULL REFERENCES image_files(id) ON DELETE SET NULL,
    share_image_file_id INTEGER NULL REFERENCES image_files(id) ON DELETE SET NULL,
    video_content_file_id INTEGER NULL REFERENCES content_files(id) ON DELETE SET NULL,
    created_at REAL NOT NULL
);

CREATE TABLE course_exports (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    course_id INTEGER NOT NULL REFERENCES courses(id) ON DELETE CASCADE,
    inputs_hash TEXT NOT NULL,
    s3_file_id INTEGER NOT NULL REFERENCES s3_files(id) ON DELETE CASCADE,
    output_sha512 TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE journey_embeddings (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    model TEXT NOT NULL,
    technique TEXT NOT NULL,
    journey_uid_byte_length INTEGER NOT NULL,
    embedding_byte_length INTEGER NOT NULL,
    s3_file_id INTEGER UNIQUE NOT NULL REFERENCES s3_files(id) ON DELETE CASCADE,
    sha512 TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE journey_embedding_items (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    journey_embedding_id INTEGER NOT NULL REFERENCES journey_embeddings(id) ON DELETE CASCADE,
    journey_id INTEGER NULL REFERENCES journeys(id) ON DELETE SET NULL,
    offset INTEGER NOT NULL,
    UNIQUE (journey_embedding_id, journey_id)
);

CREATE TABLE user_journal_master_keys (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    s3_file_id INTEGER NOT NULL REFERENCES s3_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE user_journal_client_keys (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    visitor_id INTEGER NULL,
    s3_file_id INTEGER NULL REFERENCES s3_files(id) ON DELETE SET NULL,
    platform TEXT NOT NULL,
    created_at REAL NOT NULL,
    revoked_at REAL NULL
);

CREATE TABLE user_profile_pictures (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    latest INTEGER NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE instructor_profile_pictures (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER UNIQUE NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE voice_notes (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    user_journal_master_key_id INTEGER NOT NULL REFERENCES user_journal_master_keys(id) ON DELETE CASCADE,
    transcript_s3_file_id INTEGER NOT NULL REFERENCES s3_files(id) ON DELETE CASCADE,
    transcription_source TEXT NOT NULL,
    audio_content_file_id INTEGER NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    time_vs_avg_signal_intensity_s3_file_id INTEGER NOT NULL REFERENCES s3_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE journey_background_images (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    blurred_image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    darkened_image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE journey_audio_contents (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    content_file_id INTEGER UNIQUE NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE course_videos (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    content_file_id INTEGER UNIQUE NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE client_flow_images (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    original_s3_file_id INTEGER NULL REFERENCES s3_files(id) ON DELETE SET NULL,
    created_at REAL NOT NULL
);

CREATE TABLE client_flow_content_files (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    content_file_id INTEGER NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    original_s3_file_id INTEGER NULL REFERENCES s3_files(id) ON DELETE SET NULL,
    created_at REAL NOT NULL
);

CREATE TABLE merge_account_log (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    operation_uid TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE course_background_images (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    original_image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    darkened_image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE course_hero_images (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE course_logo_images (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE course_video_thumbnail_images (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE home_screen_images (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id),
    darkened_image_file_id INTEGER NOT NULL REFERENCES image_files(id),
    created_at REAL NOT NULL
);

CREATE TABLE onboarding_videos (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    video_content_file_id INTEGER NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    thumbnail_image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE onboarding_video_thumbnails (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE onboarding_video_uploads (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    content_file_id INTEGER NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE email_images (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE journey_pinterest_pins (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE static_public_images (
    id INTEGER PRIMARY KEY,
    image_file_id INTEGER NOT NULL REFERENCES image_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE journey_youtube_videos (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    content_file_id INTEGER NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE content_file_transcripts (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    content_file_id INTEGER NOT NULL REFERENCES content_files(id) ON DELETE CASCADE,
    created_at REAL NOT NULL
);

CREATE TABLE course_download_link_clicks (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    course_export_id INTEGER NULL REFERENCES course_exports(id) ON DELETE SET NULL,
    created_at REAL NOT NULL
);

CREATE TABLE vip_chat_requests (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    display_data TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE client_flows (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    screens TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE client_screens (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    schema TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE user_client_screens (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    screen TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE TABLE inapp_notifications (
    id INTEGER PRIMARY KEY,
    uid TEXT UNIQUE NOT NULL,
    description TEXT NOT NULL,
    created_at REAL NOT NULL
);

CREATE UNIQUE INDEX s3_files_key_idx ON s3_files(key);
CREATE INDEX image_file_exports_s3_file_id_idx ON image_file_exports(s3_file_id);
CREATE INDEX image_file_exports_image_file_id_idx ON image_file_exports(image_file_id);
CREATE INDEX content_file_export_parts_s3_file_id_idx ON content_file_export_parts(s3_file_id);
