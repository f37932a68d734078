import { RECORDING_TABLES } from './recording/segments.ts';

/** Tables of recordings and clips. */
export const CLIP_TABLES = `${RECORDING_TABLES}
  CREATE TABLE clips (
    id TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    state TEXT NOT NULL,
    begin INTEGER NOT NULL,
    end INTEGER NOT NULL,
    event TEXT,
    rule TEXT,
    keep INTEGER NOT NULL,
    submitter TEXT NOT NULL,
    created INTEGER NOT NULL,
    bytes INTEGER NOT NULL DEFAULT 0,
    view TEXT NOT NULL
  ) STRICT;
  CREATE INDEX clips_state ON clips (state, id);
  CREATE INDEX clips_stream ON clips (stream, begin);
  CREATE UNIQUE INDEX clips_event ON clips (event) WHERE event IS NOT NULL;
  CREATE TABLE clip_names (
    clip TEXT NOT NULL REFERENCES clips (id) ON DELETE CASCADE, name TEXT NOT NULL, PRIMARY KEY (name, clip)
  ) STRICT, WITHOUT ROWID;`;
