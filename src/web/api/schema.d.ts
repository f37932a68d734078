// Written by `npm run api-types` from the description of the API. Not to be changed by hand.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the server answers at all */
        get: operations["isAlive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Measurements, as Prometheus reads them */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether all that the server needs is there */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cameras/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A look at a camera: what it sends, what is odd about it, and a picture; or why none comes */
        post: operations["testCamera"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clips": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Clips, the newest first */
        get: operations["listClips"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clips/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a clip stands, and what is in it */
        get: operations["getClip"];
        put?: never;
        post?: never;
        /** Removes a clip with all that it has; also one that is kept, and one that is gone already */
        delete: operations["removeClip"];
        options?: never;
        head?: never;
        /** Keeps a clip from retention, or lets it go; gives it a title */
        patch: operations["changeClip"];
        trace?: never;
    };
    "/v1/clips/{id}/analysis": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The analysis of a clip, for new words */
        get: operations["getClipAnalysis"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clips/{id}/masks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Masks of a clip in YouTube-VIS layout */
        get: operations["getClipMasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clips/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Moving pictures of a clip, small */
        get: operations["getClipPreview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clips/{id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A picture of a clip */
        get: operations["getClipThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clips/{id}/video": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The video of a clip, as recorded or with names painted over it */
        get: operations["getClipVideo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clips/archive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Videos of clips as one ZIP; its last file, manifest.json, says what is in it and what is not */
        get: operations["getClipArchive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The settings in force, and where each comes from; nothing secret is shown */
        get: operations["getConfig"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Events, the newest first */
        get: operations["listEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One event */
        get: operations["getEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-sent events: event.opened, event.updated, event.closed, as they happen */
        get: operations["watchEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/feed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Server-sent events: jobs, streams, clips and events of rules, whenever they change
         * @description For pages, which can have few connections: one is enough for all that they show. `hello` comes first; whatever is listed after it is kept up to date by what follows. Of each thing the newest state is told, about once a second, as its own address has it; figures of streams every other second. A slow listener misses states in between, and never the last one. There is nothing to resume: whoever connects again lists again. Jobs and clips that ended long ago are not looked at any more, unless this server is asked to change them. `bye` comes last: `closing`, the server ends, or `signed-out`, the key or the session is not in force any more.
         */
        get: operations["watchAll"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs, the newest first */
        get: operations["listJobs"];
        put?: never;
        /** A video to be segmented: by address, upload or path; or with the file itself */
        post: operations["submitJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a job stands */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /** Ends a job and removes it with all of its results; also one that is gone already */
        delete: operations["removeJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends a job; one that has ended stays as it is */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-sent events: progress, stage, done, failed, cancelled; ends after the last */
        get: operations["watchJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/label": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** New words for the video of a job that is done; no model is run */
        post: operations["labelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/masks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Masks in YouTube-VIS layout */
        get: operations["getMasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/panoptic": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Which segment every pixel belongs to, in pieces */
        get: operations["getPanoptic"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was done, and how long it took */
        get: operations["getReport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same once more, as a new job, for one that has ended */
        post: operations["retryJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/source": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The video that the job was about, as it came */
        get: operations["getSource"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/thumbnail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A picture of the video */
        get: operations["getThumbnail"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}/video": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The video with names painted over it */
        get: operations["getVideo"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All keys, also those that were revoked; without their secrets */
        get: operations["listKeys"];
        put?: never;
        /** A new key; its secret is shown this once */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a key at once */
        delete: operations["revokeKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models that are here, or can be fetched */
        get: operations["listModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One model, with the names that it was taught, and how far its download is */
        get: operations["getModel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/models/{name}/fetch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Fetches a model to the machine of the server, from where a try before has stopped */
        post: operations["fetchModel"];
        /** Stops fetching a model; what has come stays for the next time */
        delete: operations["cancelModelFetch"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/rules/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What rules say, or all that is wrong with them; nothing is kept */
        post: operations["checkRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** When words are seen, in streams and jobs; best first; no model is run */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who asks, and what they may do; a role of null where nobody has signed in */
        get: operations["getSession"];
        put?: never;
        /** A session for a browser: the cookie that it sets stands for the key */
        post: operations["signIn"];
        /** Ends the session; also one that has ended already */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All streams, by name */
        get: operations["listStreams"];
        put?: never;
        /** A camera to be watched until it is stopped or removed */
        post: operations["createStream"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a stream stands */
        get: operations["getStream"];
        put?: never;
        post?: never;
        /** Ends a stream and forgets it; also one that is gone already */
        delete: operations["removeStream"];
        options?: never;
        head?: never;
        /** New words without a gap, another policy, address or state; what is refused changes nothing */
        patch: operations["changeStream"];
        trace?: never;
    };
    "/v1/streams/{id}/clips": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A clip of what was recorded; it may end in the future */
        post: operations["createClip"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-sent events: what is seen, as it is seen */
        get: operations["watchStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/hls/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** HLS: the playlist index.m3u8, and what it names */
        get: operations["playStream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/mjpeg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Pictures for as long as one looks: motion JPEG, for an <img> */
        get: operations["watchStreamPictures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/recordings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The segments of a recording, in order, each an MP4 */
        get: operations["listRecordings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/recordings/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A segment of a recording: pictures and sound as the camera sent them */
        get: operations["getRecording"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/recordings/picture.jpg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A picture of a moment of a recording */
        get: operations["getRecordedPicture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/rules/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The events that rules would have made over what is recorded; no model is run, and nothing kept */
        post: operations["previewRules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/snapshot.jpg": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest picture */
        get: operations["getSnapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/streams/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was recorded and seen when; also with other words than at the time */
        get: operations["getTimeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Queues, workers, disks and Redis as they are now; it answers also while Redis does not */
        get: operations["getSystem"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begins an upload; `Location` says where it goes on */
        post: operations["createUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Gives up an upload that is not whole yet */
        delete: operations["endUpload"];
        options?: never;
        head?: never;
        /** Adds bytes; with the last of them the upload can be used for a job */
        patch: operations["continueUpload"];
        trace?: never;
    };
    "/v1/words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Names that begin so, have a word that does, or have it anywhere; without `q` those used last */
        get: operations["suggestWords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        CameraRequestInput: {
            /** @description which of several video tracks, from 0 */
            track?: number;
            /**
             * @description how RTSP sends: tcp, if not said
             * @enum {string}
             */
            transport?: "tcp" | "udp" | "multicast" | "http";
            /** @description rtsp, rtsps, rtmp, srt, http(s) (HLS or MJPEG), udp, a device, or a file that is looped */
            url: string;
        };
        CameraTest: {
            audio?: {
                channels: number;
                codec: string;
                rate: number;
            };
            /** @description in plain words; what is not ok says what to do */
            checks: {
                detail: string;
                name: string;
                ok: boolean;
            }[];
            /** @description why none come, and what to do */
            error?: {
                /**
                 * @description the same as on the command line
                 * @enum {string}
                 */
                code: "USAGE" | "CONFIG" | "INPUT_NOT_FOUND" | "INPUT_UNREADABLE" | "INPUT_UNREACHABLE" | "INPUT_INVALID" | "INPUT_NO_VIDEO" | "INPUT_NO_FRAMES" | "OUTPUT_EXISTS" | "OUTPUT_IS_INPUT" | "OUTPUT_FORMAT" | "OUTPUT_UNWRITABLE" | "DISK_FULL" | "FFMPEG_MISSING" | "FFMPEG_FAILED" | "ENCODER_MISSING" | "MODEL_MISSING" | "MODEL_INVALID" | "CHECKPOINT_INVALID" | "CHECKPOINT_UNSAFE" | "TOKENIZER_INVALID" | "CHECKSUM_MISMATCH" | "DOWNLOAD_FAILED" | "PROVIDER_UNAVAILABLE" | "INFERENCE_FAILED" | "ANALYSIS_INVALID" | "TRUTH_INVALID" | "ADDRESS_REFUSED" | "INPUT_TOO_LARGE" | "JOB_NOT_FOUND" | "STREAM_NOT_FOUND" | "STREAM_NOT_LIVE" | "CAMERA_AWAY" | "CAMERA_REFUSED" | "CAMERA_SILENT" | "RESULT_NOT_FOUND" | "CLIP_NOT_FOUND" | "CLIP_NOT_READY" | "EVENT_NOT_FOUND" | "NOT_RECORDED" | "RULES_INVALID" | "OBJECT_NOT_FOUND" | "STORAGE_UNREACHABLE" | "REDIS_UNREACHABLE" | "SERVER_UNREACHABLE" | "KEY_REQUIRED" | "KEY_FORBIDDEN" | "TOO_MANY_REQUESTS" | "QUOTA_EXCEEDED" | "CONFLICT" | "NOT_FOUND" | "NO_WORKER" | "WORKER_LOST" | "WEBHOOK_FAILED" | "INTERRUPTED" | "INTERNAL";
                message: string;
            };
            /** @description seconds from asking to the first picture */
            first_picture?: number;
            /** @description whether pictures come */
            ok: boolean;
            /** @description a JPEG, as `data:image/jpeg;base64,…` */
            picture?: string;
            /** @description `track` chooses one, from 0 */
            tracks: {
                codec: string;
                height: number;
                width: number;
            }[];
            video?: {
                /** @description bits a second */
                bit_rate: number;
                /** @description as ffmpeg calls it */
                codec: string;
                /** @description frames a second, as they came */
                fps: number;
                height: number;
                /** @description from a key frame to the next, at most */
                key_seconds?: number;
                profile?: string;
                /** @description frames by which pictures come out of order */
                reordered: number;
                /** @description as the camera says */
                says_fps?: number;
                width: number;
            };
        };
        CheckedRules: {
            /** @description all that is wrong */
            faults: {
                column?: number;
                /** @description where in a text, from 1 */
                line?: number;
                message: string;
                path: string;
            }[];
            /** @description with all that was left out filled in; null where anything is wrong */
            rules: {
                [key: string]: unknown;
            } | null;
            /** @description what is looked at as a share of the picture alone */
            stuff: string[][];
            /** @description what is looked for and told apart */
            things: string[][];
        };
        Clip: {
            /** Format: date-time */
            created_at: string;
            /** @description seconds */
            duration?: number;
            error?: {
                /**
                 * @description the same as on the command line
                 * @enum {string}
                 */
                code: "USAGE" | "CONFIG" | "INPUT_NOT_FOUND" | "INPUT_UNREADABLE" | "INPUT_UNREACHABLE" | "INPUT_INVALID" | "INPUT_NO_VIDEO" | "INPUT_NO_FRAMES" | "OUTPUT_EXISTS" | "OUTPUT_IS_INPUT" | "OUTPUT_FORMAT" | "OUTPUT_UNWRITABLE" | "DISK_FULL" | "FFMPEG_MISSING" | "FFMPEG_FAILED" | "ENCODER_MISSING" | "MODEL_MISSING" | "MODEL_INVALID" | "CHECKPOINT_INVALID" | "CHECKPOINT_UNSAFE" | "TOKENIZER_INVALID" | "CHECKSUM_MISMATCH" | "DOWNLOAD_FAILED" | "PROVIDER_UNAVAILABLE" | "INFERENCE_FAILED" | "ANALYSIS_INVALID" | "TRUTH_INVALID" | "ADDRESS_REFUSED" | "INPUT_TOO_LARGE" | "JOB_NOT_FOUND" | "STREAM_NOT_FOUND" | "STREAM_NOT_LIVE" | "CAMERA_AWAY" | "CAMERA_REFUSED" | "CAMERA_SILENT" | "RESULT_NOT_FOUND" | "CLIP_NOT_FOUND" | "CLIP_NOT_READY" | "EVENT_NOT_FOUND" | "NOT_RECORDED" | "RULES_INVALID" | "OBJECT_NOT_FOUND" | "STORAGE_UNREACHABLE" | "REDIS_UNREACHABLE" | "SERVER_UNREACHABLE" | "KEY_REQUIRED" | "KEY_FORBIDDEN" | "TOO_MANY_REQUESTS" | "QUOTA_EXCEEDED" | "CONFLICT" | "NOT_FOUND" | "NO_WORKER" | "WORKER_LOST" | "WEBHOOK_FAILED" | "INTERRUPTED" | "INTERNAL";
                message: string;
            };
            /** @description the event that it was cut for */
            event?: string;
            /** Format: date-time */
            finished_at?: string;
            /**
             * Format: date-time
             * @description time of its first picture, once it is cut
             */
            first?: string;
            frames?: number;
            /**
             * Format: date-time
             * @description as asked for
             */
            from: string;
            /** @description stretches without pictures */
            gaps: {
                /** @description where it is in the clip, in seconds */
                at: number;
                /** Format: date-time */
                from: string;
                /** @description a code: why there are no pictures */
                reason: string;
                /** @description seconds that it takes there */
                shown: number;
                /** Format: date-time */
                to: string;
            }[];
            id: string;
            /** @description not to be removed by retention */
            keep: boolean;
            /** @description names that are seen in it, longest first */
            labels: string[];
            /** Format: date-time */
            last?: string;
            metadata: {
                [key: string]: string;
            };
            /** @description what is there; overlay and masks are made when they are first asked for */
            results: {
                analysis?: {
                    bytes: number;
                    sha256: string;
                    type: string;
                };
                masks?: {
                    bytes: number;
                    sha256: string;
                    type: string;
                };
                overlay?: {
                    bytes: number;
                    sha256: string;
                    type: string;
                };
                preview?: {
                    bytes: number;
                    sha256: string;
                    type: string;
                };
                thumbnail?: {
                    bytes: number;
                    sha256: string;
                    type: string;
                };
                video?: {
                    bytes: number;
                    sha256: string;
                    type: string;
                };
            };
            /** @description the rule of that event */
            rule?: string;
            /**
             * @description waiting: the recording has not come to its end yet; queued, running: it is being cut
             * @enum {string}
             */
            state: "waiting" | "queued" | "running" | "done" | "failed";
            stream: string;
            stream_name: string;
            title?: string;
            /** Format: date-time */
            to: string;
            /** @description names that overlay and masks go by */
            vocabulary: string[];
        };
        ClipPatchInput: {
            /** @description not to be removed by retention */
            keep?: boolean;
            title?: string;
        };
        ClipRequestInput: {
            audio?: boolean;
            /** @enum {string} */
            expand?: "coco-stuff" | "model" | "none";
            /** @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h */
            from: string;
            /** @description not to be removed by retention */
            keep?: boolean;
            metadata?: {
                [key: string]: string;
            };
            output?: {
                /** @enum {string} */
                color_by?: "name" | "track";
                colors?: {
                    [key: string]: string;
                };
                /** @enum {string} */
                labels?: "none" | "names" | "ids";
                opacity?: number;
                outline?: number;
            };
            stuff?: string[];
            things?: string[];
            title?: string;
            /**
             * @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h
             * @default now
             */
            to?: string;
            /** @description seconds that it may begin earlier, at a key frame, so that nothing is coded anew; 0: exact */
            tolerance?: number;
            /** @description for overlay and masks; as the stream had it, if not said */
            vocabulary?: string | (string | string[])[];
        };
        ClipsPage: {
            clips: components["schemas"]["Clip"][];
            /** @description the cursor of the next page; absent on the last one */
            next?: string;
        };
        Config: {
            /** @description by section and name: `http`, `port` */
            settings: {
                [key: string]: {
                    [key: string]: {
                        /** @description what it is, with unit and range */
                        about: string;
                        /** @description `default`, file and line, or the name of a variable or an option */
                        source: string;
                        /** @description `***` for what is secret; passwords in addresses are masked */
                        value: unknown;
                    };
                };
            };
        };
        Event: {
            /** Format: date-time */
            began_at: string;
            /** @description the moment that shows it best */
            best: {
                /** @description x0, y0, x1, y1 as shares of the picture */
                box?: number[];
                score: number;
                /** @description of the picture, 0 to 1 */
                share: number;
                /** Format: date-time */
                time: string;
                track?: number;
            };
            /** @description the clip that was cut for it */
            clip?: string;
            /** Format: date-time */
            ended_at?: string;
            id: string;
            /** @description names that took part */
            names: string[];
            rule: string;
            /** @enum {string} */
            state: "open" | "closed";
            stream: string;
            /** @description ids of what took part */
            tracks: number[];
            /** Format: date-time */
            updated_at: string;
            /** @description why it ended, where not by itself */
            why?: string;
        };
        EventPreview: {
            /** Format: date-time */
            began_at: string;
            /** @description the moment that shows it best */
            best: {
                /** @description x0, y0, x1, y1 as shares of the picture */
                box?: number[];
                score: number;
                /** @description of the picture, 0 to 1 */
                share: number;
                /** Format: date-time */
                time: string;
                track?: number;
            };
            /**
             * Format: date-time
             * @description absent where it goes on
             */
            ended_at?: string;
            /** @description names that took part */
            names: string[];
            rule: string;
            /** @description ids of what took part */
            tracks: number[];
            /** @description why it ended, where not by itself */
            why?: string;
        };
        EventsPage: {
            events: components["schemas"]["Event"][];
            /** @description the cursor of the next page; absent on the last one */
            next?: string;
        };
        Found: {
            /** @description the moment that fits best */
            at: string | number;
            /** @description what to POST for a clip of it, and where */
            clip?: {
                body: {
                    audio?: boolean;
                    /** @enum {string} */
                    expand?: "coco-stuff" | "model" | "none";
                    /** @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h */
                    from: string;
                    /** @description not to be removed by retention */
                    keep?: boolean;
                    metadata?: {
                        [key: string]: string;
                    };
                    output?: {
                        /** @enum {string} */
                        color_by?: "name" | "track";
                        colors?: {
                            [key: string]: string;
                        };
                        /** @enum {string} */
                        labels?: "none" | "names" | "ids";
                        opacity?: number;
                        outline?: number;
                    };
                    stuff?: string[];
                    things?: string[];
                    title?: string;
                    /** @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h */
                    to?: string;
                    /** @description seconds that it may begin earlier, at a key frame, so that nothing is coded anew; 0: exact */
                    tolerance?: number;
                    /** @description for overlay and masks; as the stream had it, if not said */
                    vocabulary?: string | (string | string[])[];
                };
                url: string;
            };
            from: string | number;
            /** @description times are seconds from its video’s beginning */
            job?: string;
            /** @description 0 to 1; 0.5: as good as the best other name */
            score: number;
            /** @description of the picture, 0 to 1 */
            share: number;
            /** @description times are on the clock */
            stream?: string;
            /** @description address of a picture of the moment, below the server */
            thumbnail?: string;
            to: string | number;
            track: number;
            /** @description address of the video, below the server */
            video?: string;
        };
        FoundPage: {
            found: components["schemas"]["Found"][];
            /** @description the cursor of the next page; absent on the last one */
            next?: string;
            took_ms: number;
        };
        Gpu: {
            /** @description how busy it is */
            busy?: number;
            name: string;
            /** @description bytes of its memory; absent where the system does not tell */
            total?: number;
            /** @description bytes of it in use */
            used?: number;
        };
        Health: {
            /** @constant */
            status: "ok";
            version: string;
        };
        Job: {
            /** Format: date-time */
            created_at: string;
            error?: {
                /** @enum {string} */
                code: "USAGE" | "CONFIG" | "INPUT_NOT_FOUND" | "INPUT_UNREADABLE" | "INPUT_UNREACHABLE" | "INPUT_INVALID" | "INPUT_NO_VIDEO" | "INPUT_NO_FRAMES" | "OUTPUT_EXISTS" | "OUTPUT_IS_INPUT" | "OUTPUT_FORMAT" | "OUTPUT_UNWRITABLE" | "DISK_FULL" | "FFMPEG_MISSING" | "FFMPEG_FAILED" | "ENCODER_MISSING" | "MODEL_MISSING" | "MODEL_INVALID" | "CHECKPOINT_INVALID" | "CHECKPOINT_UNSAFE" | "TOKENIZER_INVALID" | "CHECKSUM_MISMATCH" | "DOWNLOAD_FAILED" | "PROVIDER_UNAVAILABLE" | "INFERENCE_FAILED" | "ANALYSIS_INVALID" | "TRUTH_INVALID" | "ADDRESS_REFUSED" | "INPUT_TOO_LARGE" | "JOB_NOT_FOUND" | "STREAM_NOT_FOUND" | "STREAM_NOT_LIVE" | "CAMERA_AWAY" | "CAMERA_REFUSED" | "CAMERA_SILENT" | "RESULT_NOT_FOUND" | "CLIP_NOT_FOUND" | "CLIP_NOT_READY" | "EVENT_NOT_FOUND" | "NOT_RECORDED" | "RULES_INVALID" | "OBJECT_NOT_FOUND" | "STORAGE_UNREACHABLE" | "REDIS_UNREACHABLE" | "SERVER_UNREACHABLE" | "KEY_REQUIRED" | "KEY_FORBIDDEN" | "TOO_MANY_REQUESTS" | "QUOTA_EXCEEDED" | "CONFLICT" | "NOT_FOUND" | "NO_WORKER" | "WORKER_LOST" | "WEBHOOK_FAILED" | "INTERRUPTED" | "INTERNAL";
                message: string;
            };
            /** @description seconds left, as far as can be told */
            eta?: number;
            /** Format: date-time */
            finished_at?: string;
            /** @description frames a second, of late */
            fps?: number;
            /** @description frames of the video, once they are counted */
            frames?: number;
            /** @description frames that the present stage has done */
            frames_done: number;
            id: string;
            /** @description as it was asked for, without credentials */
            input: {
                url: string;
            } | {
                upload: string;
            } | {
                path: string;
            };
            /** @enum {string} */
            kind: "segment" | "label";
            metadata: {
                [key: string]: string;
            };
            model: string;
            /** @description the job whose analysis this one names anew */
            of?: string;
            /** @enum {string} */
            priority: "low" | "normal" | "high";
            /** @description never less than before */
            progress: number;
            results: {
                masks?: {
                    bytes: number;
                    type: string;
                };
                panoptic?: {
                    bytes: number;
                    type: string;
                };
                report?: {
                    bytes: number;
                    type: string;
                };
                /** @description the video that the job was about, as it came */
                source?: {
                    bytes: number;
                    type: string;
                };
                thumbnail?: {
                    bytes: number;
                    type: string;
                };
                video?: {
                    bytes: number;
                    type: string;
                };
            };
            /** @description the job that this one is once more */
            retry_of?: string;
            /**
             * @description what is being done
             * @enum {string}
             */
            stage?: "plan" | "analyse" | "associate" | "render" | "join";
            /** Format: date-time */
            started_at?: string;
            /** @enum {string} */
            state: "queued" | "running" | "done" | "failed" | "cancelled";
            /** @description names looked for: the first of each one’s synonyms */
            vocabulary: string[];
        };
        JobFormInput: {
            association?: string;
            deinterlace?: string;
            every?: string;
            expand?: string;
            /**
             * Format: binary
             * @description the video
             */
            file: string;
            /** @description what is wanted, as JSON; instead of the single parts */
            job?: {
                /** @enum {string} */
                association?: "online" | "clustered";
                /** @default false */
                deinterlace?: boolean;
                every?: number;
                /** @enum {string} */
                expand?: "coco-stuff" | "model" | "none";
                /** @description the submitter's own notes, given back as they are */
                metadata?: {
                    [key: string]: string;
                };
                model?: string;
                /**
                 * @default {
                 *       "video": true,
                 *       "masks": true,
                 *       "panoptic": true,
                 *       "format": "mp4"
                 *     }
                 */
                output?: {
                    /** @enum {string} */
                    color_by?: "name" | "track";
                    colors?: {
                        [key: string]: string;
                    };
                    crf?: number;
                    encoder?: string;
                    /**
                     * @description container of the video
                     * @default mp4
                     * @enum {string}
                     */
                    format?: "mp4" | "mov" | "mkv" | "webm";
                    /** @enum {string} */
                    labels?: "none" | "names" | "ids";
                    /**
                     * @description masks JSON, in YouTube-VIS layout
                     * @default true
                     */
                    masks?: boolean;
                    opacity?: number;
                    outline?: number;
                    /**
                     * @description the panoptic file: which segment every pixel belongs to, to be drawn by whoever shows it
                     * @default true
                     */
                    panoptic?: boolean;
                    /** @enum {string} */
                    preset?: "ultrafast" | "superfast" | "veryfast" | "faster" | "fast" | "medium" | "slow" | "slower" | "veryslow";
                    /**
                     * @description the video with names painted over it
                     * @default true
                     */
                    video?: boolean;
                };
                /**
                 * @default normal
                 * @enum {string}
                 */
                priority?: "low" | "normal" | "high";
                short_side?: number;
                /**
                 * @description names that are stuff, for sure
                 * @default []
                 */
                stuff?: string[];
                /**
                 * @description names that are things, for sure
                 * @default []
                 */
                things?: string[];
                vocabulary?: string | (string | string[])[];
                /** @description told of the end of the job, signed as Standard Webhooks says */
                webhook?: string | {
                    secret?: string;
                    /** Format: uri */
                    url: string;
                };
            };
            /** @description JSON */
            metadata?: string;
            model?: string;
            /** @description JSON */
            output?: string;
            priority?: string;
            short_side?: string;
            /** @description names with commas between, or JSON */
            stuff?: string;
            /** @description names with commas between, or JSON */
            things?: string;
            /** @description such as `road, car|vehicle`, or JSON */
            vocabulary?: string;
            /** @description an address, or JSON */
            webhook?: string;
        };
        JobRequestInput: {
            /** @enum {string} */
            association?: "online" | "clustered";
            /** @default false */
            deinterlace?: boolean;
            every?: number;
            /** @enum {string} */
            expand?: "coco-stuff" | "model" | "none";
            input: {
                /** Format: uri */
                url: string;
            } | {
                upload: string;
            } | {
                path: string;
            };
            /** @description the submitter's own notes, given back as they are */
            metadata?: {
                [key: string]: string;
            };
            model?: string;
            /**
             * @default {
             *       "video": true,
             *       "masks": true,
             *       "panoptic": true,
             *       "format": "mp4"
             *     }
             */
            output?: {
                /** @enum {string} */
                color_by?: "name" | "track";
                colors?: {
                    [key: string]: string;
                };
                crf?: number;
                encoder?: string;
                /**
                 * @description container of the video
                 * @default mp4
                 * @enum {string}
                 */
                format?: "mp4" | "mov" | "mkv" | "webm";
                /** @enum {string} */
                labels?: "none" | "names" | "ids";
                /**
                 * @description masks JSON, in YouTube-VIS layout
                 * @default true
                 */
                masks?: boolean;
                opacity?: number;
                outline?: number;
                /**
                 * @description the panoptic file: which segment every pixel belongs to, to be drawn by whoever shows it
                 * @default true
                 */
                panoptic?: boolean;
                /** @enum {string} */
                preset?: "ultrafast" | "superfast" | "veryfast" | "faster" | "fast" | "medium" | "slow" | "slower" | "veryslow";
                /**
                 * @description the video with names painted over it
                 * @default true
                 */
                video?: boolean;
            };
            /**
             * @default normal
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            short_side?: number;
            /**
             * @description names that are stuff, for sure
             * @default []
             */
            stuff?: string[];
            /**
             * @description names that are things, for sure
             * @default []
             */
            things?: string[];
            vocabulary?: string | (string | string[])[];
            /** @description told of the end of the job, signed as Standard Webhooks says */
            webhook?: string | {
                secret?: string;
                /** Format: uri */
                url: string;
            };
        };
        JobsPage: {
            jobs: components["schemas"]["Job"][];
            /** @description the cursor of the next page; absent on the last one */
            next?: string;
        };
        Key: {
            /** Format: date-time */
            created_at: string;
            id: string;
            name: string;
            /** Format: date-time */
            revoked_at?: string;
            /** @enum {string} */
            role: "viewer" | "operator" | "admin";
        };
        KeyRequestInput: {
            name: string;
            /** @enum {string} */
            role: "viewer" | "operator" | "admin";
        };
        LabelRequestInput: {
            /** @enum {string} */
            expand?: "coco-stuff" | "model" | "none";
            /** @description the submitter's own notes, given back as they are */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @default {
             *       "video": true,
             *       "masks": true,
             *       "panoptic": true,
             *       "format": "mp4"
             *     }
             */
            output?: {
                /** @enum {string} */
                color_by?: "name" | "track";
                colors?: {
                    [key: string]: string;
                };
                crf?: number;
                encoder?: string;
                /**
                 * @description container of the video
                 * @default mp4
                 * @enum {string}
                 */
                format?: "mp4" | "mov" | "mkv" | "webm";
                /** @enum {string} */
                labels?: "none" | "names" | "ids";
                /**
                 * @description masks JSON, in YouTube-VIS layout
                 * @default true
                 */
                masks?: boolean;
                opacity?: number;
                outline?: number;
                /**
                 * @description the panoptic file: which segment every pixel belongs to, to be drawn by whoever shows it
                 * @default true
                 */
                panoptic?: boolean;
                /** @enum {string} */
                preset?: "ultrafast" | "superfast" | "veryfast" | "faster" | "fast" | "medium" | "slow" | "slower" | "veryslow";
                /**
                 * @description the video with names painted over it
                 * @default true
                 */
                video?: boolean;
            };
            /**
             * @default normal
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            /**
             * @description names that are stuff, for sure
             * @default []
             */
            stuff?: string[];
            /**
             * @description names that are things, for sure
             * @default []
             */
            things?: string[];
            vocabulary?: string | (string | string[])[];
            /** @description told of the end of the job, signed as Standard Webhooks says */
            webhook?: string | {
                secret?: string;
                /** Format: uri */
                url: string;
            };
        };
        Model: {
            /** @description of its files, or of its download where that is known */
            bytes?: number;
            /** @description used where nothing is said */
            default: boolean;
            /** @description its download, while it goes on or has failed */
            fetching?: {
                bytes: number;
                /** @description why it ended: it stays until it is fetched again, or cancelled */
                error?: {
                    /** @enum {string} */
                    code: "USAGE" | "CONFIG" | "INPUT_NOT_FOUND" | "INPUT_UNREADABLE" | "INPUT_UNREACHABLE" | "INPUT_INVALID" | "INPUT_NO_VIDEO" | "INPUT_NO_FRAMES" | "OUTPUT_EXISTS" | "OUTPUT_IS_INPUT" | "OUTPUT_FORMAT" | "OUTPUT_UNWRITABLE" | "DISK_FULL" | "FFMPEG_MISSING" | "FFMPEG_FAILED" | "ENCODER_MISSING" | "MODEL_MISSING" | "MODEL_INVALID" | "CHECKPOINT_INVALID" | "CHECKPOINT_UNSAFE" | "TOKENIZER_INVALID" | "CHECKSUM_MISMATCH" | "DOWNLOAD_FAILED" | "PROVIDER_UNAVAILABLE" | "INFERENCE_FAILED" | "ANALYSIS_INVALID" | "TRUTH_INVALID" | "ADDRESS_REFUSED" | "INPUT_TOO_LARGE" | "JOB_NOT_FOUND" | "STREAM_NOT_FOUND" | "STREAM_NOT_LIVE" | "CAMERA_AWAY" | "CAMERA_REFUSED" | "CAMERA_SILENT" | "RESULT_NOT_FOUND" | "CLIP_NOT_FOUND" | "CLIP_NOT_READY" | "EVENT_NOT_FOUND" | "NOT_RECORDED" | "RULES_INVALID" | "OBJECT_NOT_FOUND" | "STORAGE_UNREACHABLE" | "REDIS_UNREACHABLE" | "SERVER_UNREACHABLE" | "KEY_REQUIRED" | "KEY_FORBIDDEN" | "TOO_MANY_REQUESTS" | "QUOTA_EXCEEDED" | "CONFLICT" | "NOT_FOUND" | "NO_WORKER" | "WORKER_LOST" | "WEBHOOK_FAILED" | "INTERRUPTED" | "INTERNAL";
                    message: string;
                };
                /** @description bytes in all, once the server has told; when all are there the pack is made */
                of?: number;
                /** Format: date-time */
                since: string;
            };
            licence: {
                attribution: string;
                code: string;
                weights: string;
            };
            /** @description what to give for `model` */
            name: string;
            /** @description where it is described */
            page: string;
            /** @description of a download that was not finished: the next one goes on there */
            partial: number;
            /** @description pixels of the shorter side of what it sees */
            short_side: number;
            /**
             * @description `embedded`: comes with the program; `fetched`; `own`: lies in a folder of the settings; `available`: can be fetched; `missing`: cannot be had from here
             * @enum {string}
             */
            state: "embedded" | "fetched" | "own" | "available" | "missing";
            /** @description how many names it was taught; 0: no closed list */
            taught: number;
            title: string;
        };
        ModelDetails: {
            /** @description of its files, or of its download where that is known */
            bytes?: number;
            /** @description used where nothing is said */
            default: boolean;
            /** @description its download, while it goes on or has failed */
            fetching?: {
                bytes: number;
                /** @description why it ended: it stays until it is fetched again, or cancelled */
                error?: {
                    /** @enum {string} */
                    code: "USAGE" | "CONFIG" | "INPUT_NOT_FOUND" | "INPUT_UNREADABLE" | "INPUT_UNREACHABLE" | "INPUT_INVALID" | "INPUT_NO_VIDEO" | "INPUT_NO_FRAMES" | "OUTPUT_EXISTS" | "OUTPUT_IS_INPUT" | "OUTPUT_FORMAT" | "OUTPUT_UNWRITABLE" | "DISK_FULL" | "FFMPEG_MISSING" | "FFMPEG_FAILED" | "ENCODER_MISSING" | "MODEL_MISSING" | "MODEL_INVALID" | "CHECKPOINT_INVALID" | "CHECKPOINT_UNSAFE" | "TOKENIZER_INVALID" | "CHECKSUM_MISMATCH" | "DOWNLOAD_FAILED" | "PROVIDER_UNAVAILABLE" | "INFERENCE_FAILED" | "ANALYSIS_INVALID" | "TRUTH_INVALID" | "ADDRESS_REFUSED" | "INPUT_TOO_LARGE" | "JOB_NOT_FOUND" | "STREAM_NOT_FOUND" | "STREAM_NOT_LIVE" | "CAMERA_AWAY" | "CAMERA_REFUSED" | "CAMERA_SILENT" | "RESULT_NOT_FOUND" | "CLIP_NOT_FOUND" | "CLIP_NOT_READY" | "EVENT_NOT_FOUND" | "NOT_RECORDED" | "RULES_INVALID" | "OBJECT_NOT_FOUND" | "STORAGE_UNREACHABLE" | "REDIS_UNREACHABLE" | "SERVER_UNREACHABLE" | "KEY_REQUIRED" | "KEY_FORBIDDEN" | "TOO_MANY_REQUESTS" | "QUOTA_EXCEEDED" | "CONFLICT" | "NOT_FOUND" | "NO_WORKER" | "WORKER_LOST" | "WEBHOOK_FAILED" | "INTERRUPTED" | "INTERNAL";
                    message: string;
                };
                /** @description bytes in all, once the server has told; when all are there the pack is made */
                of?: number;
                /** Format: date-time */
                since: string;
            };
            licence: {
                attribution: string;
                code: string;
                weights: string;
            };
            /** @description what to give for `model` */
            name: string;
            /** @description what it was taught to name */
            names: {
                isthing: boolean;
                name: string;
                synonyms: string[];
            }[];
            /** @description where it is described */
            page: string;
            /** @description of a download that was not finished: the next one goes on there */
            partial: number;
            /** @description pixels of the shorter side of what it sees */
            short_side: number;
            /**
             * @description `embedded`: comes with the program; `fetched`; `own`: lies in a folder of the settings; `available`: can be fetched; `missing`: cannot be had from here
             * @enum {string}
             */
            state: "embedded" | "fetched" | "own" | "available" | "missing";
            /** @description how many names it was taught; 0: no closed list */
            taught: number;
            title: string;
        };
        Models: {
            models: components["schemas"]["Model"][];
        };
        NewKey: {
            /** Format: date-time */
            created_at: string;
            id: string;
            name: string;
            /** Format: date-time */
            revoked_at?: string;
            /** @enum {string} */
            role: "viewer" | "operator" | "admin";
            /** @description the whole key; it is shown this once */
            secret: string;
        };
        /** @description No key is shown, and one is needed; or the session has ended */
        Nobody: {
            role: null;
        };
        /** @description What went wrong, as RFC 9457 has it */
        Problem: {
            /**
             * @description the same as on the command line
             * @enum {string}
             */
            code: "USAGE" | "CONFIG" | "INPUT_NOT_FOUND" | "INPUT_UNREADABLE" | "INPUT_UNREACHABLE" | "INPUT_INVALID" | "INPUT_NO_VIDEO" | "INPUT_NO_FRAMES" | "OUTPUT_EXISTS" | "OUTPUT_IS_INPUT" | "OUTPUT_FORMAT" | "OUTPUT_UNWRITABLE" | "DISK_FULL" | "FFMPEG_MISSING" | "FFMPEG_FAILED" | "ENCODER_MISSING" | "MODEL_MISSING" | "MODEL_INVALID" | "CHECKPOINT_INVALID" | "CHECKPOINT_UNSAFE" | "TOKENIZER_INVALID" | "CHECKSUM_MISMATCH" | "DOWNLOAD_FAILED" | "PROVIDER_UNAVAILABLE" | "INFERENCE_FAILED" | "ANALYSIS_INVALID" | "TRUTH_INVALID" | "ADDRESS_REFUSED" | "INPUT_TOO_LARGE" | "JOB_NOT_FOUND" | "STREAM_NOT_FOUND" | "STREAM_NOT_LIVE" | "CAMERA_AWAY" | "CAMERA_REFUSED" | "CAMERA_SILENT" | "RESULT_NOT_FOUND" | "CLIP_NOT_FOUND" | "CLIP_NOT_READY" | "EVENT_NOT_FOUND" | "NOT_RECORDED" | "RULES_INVALID" | "OBJECT_NOT_FOUND" | "STORAGE_UNREACHABLE" | "REDIS_UNREACHABLE" | "SERVER_UNREACHABLE" | "KEY_REQUIRED" | "KEY_FORBIDDEN" | "TOO_MANY_REQUESTS" | "QUOTA_EXCEEDED" | "CONFLICT" | "NOT_FOUND" | "NO_WORKER" | "WORKER_LOST" | "WEBHOOK_FAILED" | "INTERRUPTED" | "INTERNAL";
            /** @description what happened and what to do */
            detail: string;
            /** @description what of the request is wrong, where in it */
            errors?: {
                column?: number;
                /** @description where in a text, from 1 */
                line?: number;
                message: string;
                path: string;
            }[];
            /** @description the path that was asked for */
            instance?: string;
            status: number;
            title: string;
            /** @description a name for the kind of problem */
            type: string;
        };
        Readiness: {
            checks: {
                detail?: string;
                name: string;
                ok: boolean;
            }[];
            ready: boolean;
        };
        RecordedFiles: {
            files: {
                /**
                 * Format: date-time
                 * @description time of its first picture
                 */
                begin: string;
                bytes: number;
                /**
                 * Format: date-time
                 * @description what of it counts
                 */
                from: string;
                /** Format: date-time */
                to: string;
                /** @description address below the server */
                url: string;
            }[];
            /**
             * Format: date-time
             * @description `from` of the next page; absent on the last one
             */
            next?: string;
        };
        RulesPreview: {
            /** @description by when they began */
            events: components["schemas"]["EventPreview"][];
            /** Format: date-time */
            from: string;
            /** @description what could not be looked at; NOT_ANALYSED: no model, or another one than now, has seen it */
            gaps: {
                /** Format: date-time */
                from: string;
                /** @description a code: why there are no pictures */
                reason: string;
                /** Format: date-time */
                to: string;
            }[];
            /** @description with pictures, up to there */
            seconds_recorded: number;
            /** Format: date-time */
            to: string;
            took_ms: number;
            /** @description it took longer than clips.preview_seconds, or there are too many events */
            truncated: boolean;
            /**
             * Format: date-time
             * @description up to where it was looked at
             */
            until: string;
        };
        RulesToCheckInput: {
            /** @description as YAML or as JSON; see docs/rules.md */
            rules: string | {
                [key: string]: unknown;
            };
        };
        RulesToPreviewInput: {
            /**
             * @description a day before `to` at most
             * @default now-1h
             */
            from?: string;
            /** @description as YAML or as JSON; see docs/rules.md */
            rules: string | {
                [key: string]: unknown;
            };
            /**
             * @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h
             * @default now
             */
            to?: string;
            /** @description beside the words of the rules; as the stream has it, if not said */
            vocabulary?: string | (string | string[])[];
        };
        Session: {
            /** @description of the key */
            id: string;
            /** @description no key is needed here */
            keyless: boolean;
            name: string;
            /** @enum {string} */
            role: "viewer" | "operator" | "admin";
            /** @description of the server */
            version: string;
        };
        SessionRequestInput: {
            key: string;
        };
        Stream: {
            /** @description the revision that its worker goes by */
            applied?: number;
            /** @enum {string} */
            between: "hold" | "move";
            /** Format: date-time */
            created_at: string;
            id: string;
            metadata: {
                [key: string]: string;
            };
            model: string;
            name: string;
            policy: string;
            /** @description why it is connecting, or the last change was not taken */
            reason?: {
                /** @enum {string} */
                code: "USAGE" | "CONFIG" | "INPUT_NOT_FOUND" | "INPUT_UNREADABLE" | "INPUT_UNREACHABLE" | "INPUT_INVALID" | "INPUT_NO_VIDEO" | "INPUT_NO_FRAMES" | "OUTPUT_EXISTS" | "OUTPUT_IS_INPUT" | "OUTPUT_FORMAT" | "OUTPUT_UNWRITABLE" | "DISK_FULL" | "FFMPEG_MISSING" | "FFMPEG_FAILED" | "ENCODER_MISSING" | "MODEL_MISSING" | "MODEL_INVALID" | "CHECKPOINT_INVALID" | "CHECKPOINT_UNSAFE" | "TOKENIZER_INVALID" | "CHECKSUM_MISMATCH" | "DOWNLOAD_FAILED" | "PROVIDER_UNAVAILABLE" | "INFERENCE_FAILED" | "ANALYSIS_INVALID" | "TRUTH_INVALID" | "ADDRESS_REFUSED" | "INPUT_TOO_LARGE" | "JOB_NOT_FOUND" | "STREAM_NOT_FOUND" | "STREAM_NOT_LIVE" | "CAMERA_AWAY" | "CAMERA_REFUSED" | "CAMERA_SILENT" | "RESULT_NOT_FOUND" | "CLIP_NOT_FOUND" | "CLIP_NOT_READY" | "EVENT_NOT_FOUND" | "NOT_RECORDED" | "RULES_INVALID" | "OBJECT_NOT_FOUND" | "STORAGE_UNREACHABLE" | "REDIS_UNREACHABLE" | "SERVER_UNREACHABLE" | "KEY_REQUIRED" | "KEY_FORBIDDEN" | "TOO_MANY_REQUESTS" | "QUOTA_EXCEEDED" | "CONFLICT" | "NOT_FOUND" | "NO_WORKER" | "WORKER_LOST" | "WEBHOOK_FAILED" | "INTERRUPTED" | "INTERNAL";
                message: string;
            };
            /** @description null: nothing is recorded */
            record: {
                audio: boolean;
                days: number;
                max_bytes: number;
                seconds: number;
            } | null;
            /** @description grows with each change */
            revision: number;
            /** @description what is waited for, with all that was left out filled in; null: nothing */
            rules: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: date-time
             * @description when it came to be in this state
             */
            since: string;
            /**
             * @description starting: no worker has it yet; connecting: the camera is away, and asked again and again
             * @enum {string}
             */
            state: "starting" | "connecting" | "live" | "paused" | "stopped";
            stats?: components["schemas"]["StreamStats"];
            /** @description which of its video tracks, from 0 */
            track: number;
            /** @enum {string} */
            transport: "tcp" | "udp" | "multicast" | "http";
            /** Format: date-time */
            updated_at: string;
            /** @description without credentials */
            url: string;
            /** @description names looked for: the first of each one’s synonyms */
            vocabulary: string[];
            /**
             * @description what was asked for
             * @enum {string}
             */
            wish: "running" | "paused" | "stopped";
            /** @description the same, each with all of its synonyms, as it is asked for */
            words: string[][];
            /** @description who holds it */
            worker?: string;
        };
        StreamPatchInput: {
            /**
             * @description what frames show that do not go through the model: its last masks as they were, or moved along
             * @enum {string}
             */
            between?: "hold" | "move";
            /** @enum {string} */
            expand?: "coco-stuff" | "model" | "none";
            metadata?: {
                [key: string]: string;
            };
            name?: string;
            policy?: string;
            /** @description whether pictures, sound and what is seen in them are recorded */
            record?: boolean | {
                /** @default true */
                audio?: boolean;
                /** @description that recordings are kept; 0: for ever */
                days?: number;
                /** @description beyond which the oldest go; 0: any number */
                max_bytes?: number;
                /** @description of a segment, at least: it ends at a key frame */
                seconds?: number;
            };
            /** @description what is waited for, as YAML or as JSON; null: nothing. See docs/rules.md */
            rules?: string | {
                [key: string]: unknown;
            } | null;
            /** @enum {string} */
            state?: "running" | "paused" | "stopped";
            /** @description names that are stuff, for sure */
            stuff?: string[];
            /** @description names that are things, for sure */
            things?: string[];
            /** @description which of several video tracks, from 0 */
            track?: number;
            /**
             * @description how RTSP sends: tcp, if not said
             * @enum {string}
             */
            transport?: "tcp" | "udp" | "multicast" | "http";
            /** @description rtsp, rtsps, rtmp, srt, http(s) (HLS or MJPEG), udp, a device, or a file that is looped */
            url?: string;
            vocabulary?: string | (string | string[])[];
        };
        StreamRequestInput: {
            /**
             * @description what frames show that do not go through the model: its last masks as they were, or moved along
             * @enum {string}
             */
            between?: "hold" | "move";
            /** @enum {string} */
            expand?: "coco-stuff" | "model" | "none";
            metadata?: {
                [key: string]: string;
            };
            model?: string;
            name?: string;
            /**
             * @default {
             *       "hls": true,
             *       "audio": true
             *     }
             */
            output?: {
                /**
                 * @description the camera's sound, passed through
                 * @default true
                 */
                audio?: boolean;
                /** @enum {string} */
                color_by?: "name" | "track";
                colors?: {
                    [key: string]: string;
                };
                crf?: number;
                encoder?: string;
                /**
                 * @description HLS at /v1/streams/{id}/hls/index.m3u8
                 * @default true
                 */
                hls?: boolean;
                /** @enum {string} */
                labels?: "none" | "names" | "ids";
                opacity?: number;
                outline?: number;
                /** @enum {string} */
                preset?: "ultrafast" | "superfast" | "veryfast" | "faster" | "fast" | "medium" | "slow" | "slower" | "veryslow";
                /**
                 * Format: uri
                 * @description published there as well
                 */
                rtsp?: string;
            };
            policy?: string;
            /** @description whether pictures, sound and what is seen in them are recorded */
            record?: boolean | {
                /** @default true */
                audio?: boolean;
                /** @description that recordings are kept; 0: for ever */
                days?: number;
                /** @description beyond which the oldest go; 0: any number */
                max_bytes?: number;
                /** @description of a segment, at least: it ends at a key frame */
                seconds?: number;
            };
            /** @description what is waited for, as YAML or as JSON; null: nothing. See docs/rules.md */
            rules?: string | {
                [key: string]: unknown;
            } | null;
            short_side?: number;
            /**
             * @default running
             * @enum {string}
             */
            state?: "running" | "paused" | "stopped";
            /** @description names that are stuff, for sure */
            stuff?: string[];
            /** @description names that are things, for sure */
            things?: string[];
            /** @description which of several video tracks, from 0 */
            track?: number;
            /**
             * @description how RTSP sends: tcp, if not said
             * @enum {string}
             */
            transport?: "tcp" | "udp" | "multicast" | "http";
            /** @description rtsp, rtsps, rtmp, srt, http(s) (HLS or MJPEG), udp, a device, or a file that is looped */
            url: string;
            vocabulary?: string | (string | string[])[];
        };
        Streams: {
            streams: components["schemas"]["Stream"][];
        };
        /** @description Counts are since its worker has it */
        StreamStats: {
            /** @description and as they go through the model */
            analysed_fps: number;
            /** @description as ffmpeg calls it */
            codec: string;
            /** @description frames a second of late, as they come */
            fps: number;
            /** @description decoded = emitted + all that were dropped + what is under way */
            frames: {
                analysed: number;
                decoded: number;
                dropped: {
                    count: number;
                    reason: string;
                }[];
                emitted: number;
            };
            height: number;
            /** @description of that in the model */
            inference_ms: {
                median: number;
                p95: number;
            };
            /** @description from a frame’s arrival to its leaving the encoder, over the last minute */
            latency_ms: {
                median: number;
                p95: number;
            };
            /** @description `hls`, `rtsp`: whether they go on, else why not */
            outputs: {
                [key: string]: {
                    ok: boolean;
                    reason?: string;
                };
            };
            reconnects: number;
            /** @description of the camera’s picture; 0 before the first one */
            width: number;
        };
        System: {
            /** @description as in /readyz */
            checks: {
                detail?: string;
                name: string;
                ok: boolean;
            }[];
            /** @description bytes */
            disk: {
                /** @description of the server's data folder */
                data: {
                    free: number;
                    total: number;
                };
                /** @description as the settings have them; 0: none */
                limits: {
                    clips: {
                        days: number;
                    };
                    jobs: {
                        bytes: number;
                        days: number;
                    };
                    /** @description of one key */
                    quota_bytes: number;
                    recordings: {
                        bytes: number;
                        days: number;
                        stream_bytes: number;
                    };
                };
                storage: {
                    /** @enum {string} */
                    kind: "fs" | "s3";
                    /** @description what stays free */
                    reserve: number;
                    /** @description absent where no limit is known */
                    space?: {
                        free: number;
                        total: number;
                    };
                };
                used: {
                    clips: number;
                    /** @description with uploads */
                    jobs: number;
                    recordings: number;
                };
            };
            node: string;
            platform: string;
            /** @description empty while Redis does not answer */
            queues: {
                active: number;
                /** @description wait for their own chunks */
                blocked: number;
                /** @description wait for another try, or for room */
                delayed: number;
                failed: number;
                /** @enum {string} */
                name: "jobs" | "analyse" | "render" | "live" | "clips";
                paused: boolean;
                waiting: number;
            }[];
            /** @description absent while Redis does not answer */
            redis?: {
                /** @enum {string} */
                kind: "single" | "sentinel" | "cluster";
                latency_ms: number;
                memory: {
                    /** @description 0: no limit */
                    most: number;
                    used: number;
                };
                version: string;
            };
            /** Format: date-time */
            started_at: string;
            /**
             * Format: date-time
             * @description the clock of the server
             */
            time: string;
            /** @description seconds */
            uptime: number;
            version: string;
            /** @description alive, on any machine; empty while Redis does not answer */
            workers: components["schemas"]["Worker"][];
            /** @description who asks */
            you: {
                /** @description no key is needed here at present */
                keyless: boolean;
                /** @enum {string} */
                role: "viewer" | "operator" | "admin";
            };
        };
        Timeline: {
            /** @description those in which anything is seen */
            buckets: {
                seen: {
                    /** @description most objects at a time; 0 for stuff */
                    count: number;
                    /** @description index in `names` */
                    name: number;
                    /** @description in which it is seen */
                    seconds: number;
                    /** @description largest share of the picture, 0 to 1 */
                    share: number;
                }[];
                /** Format: date-time */
                time: string;
            }[];
            events: components["schemas"]["Event"][];
            /** Format: date-time */
            from: string;
            gaps: {
                /** Format: date-time */
                from: string;
                /** @description a code: why there are no pictures */
                reason: string;
                /** Format: date-time */
                to: string;
            }[];
            names: string[];
            /** @description stretches with pictures */
            recorded: {
                /** Format: date-time */
                from: string;
                /** Format: date-time */
                to: string;
            }[];
            /** @description milliseconds of a bucket */
            step: number;
            stream: string;
            /** Format: date-time */
            to: string;
        };
        /** @description Name and data of a server-sent event */
        Told: {
            data: {
                /** Format: date-time */
                time: string;
                /** @description of the server */
                version: string;
            };
            /** @constant */
            event: "hello";
        } | {
            data: components["schemas"]["Job"];
            /** @constant */
            event: "job";
        } | {
            data: {
                id: string;
            };
            /** @constant */
            event: "job-removed";
        } | {
            data: components["schemas"]["Stream"];
            /** @constant */
            event: "stream";
        } | {
            data: {
                id: string;
            };
            /** @constant */
            event: "stream-removed";
        } | {
            data: components["schemas"]["Clip"];
            /** @constant */
            event: "clip";
        } | {
            data: {
                id: string;
            };
            /** @constant */
            event: "clip-removed";
        } | {
            data: components["schemas"]["Event"];
            /** @constant */
            event: "event";
        } | {
            data: {
                /** @enum {string} */
                reason: "closing" | "signed-out";
            };
            /** @constant */
            event: "bye";
        };
        Word: {
            /** @description countable, such as a car, and not stuff, such as the sky */
            isthing: boolean;
            name: string;
            /**
             * @description where it is from: the jobs and streams of this server, the model, the names of COCO-Stuff
             * @enum {string}
             */
            source: "used" | "model" | "coco-stuff";
            /** @description other words for the same */
            synonyms: string[];
            /** @description the model was taught this name, or another word for it */
            taught: boolean;
        };
        Words: {
            words: components["schemas"]["Word"][];
        };
        Worker: {
            /** @description of its machine */
            cores: number;
            /** @description cores that the process has used of late, without what it has started */
            cpu: number;
            /** @description it takes up nothing new: the disk of the storage is nearly full */
            full: boolean;
            /** @description of its machine */
            gpus: components["schemas"]["Gpu"][];
            host: string;
            /** @description the `worker` of the streams that it holds */
            id: string;
            /** @description of its machine, over a minute */
            load: number;
            /** @description of its machine */
            memory: {
                free: number;
                total: number;
            };
            /** @description models in its memory, and what they run on: cpu, cuda, … */
            models: {
                name: string;
                precision: string;
                provider: string;
            }[];
            /** @description names of the models that its machine has */
            packs: string[];
            pid: number;
            /** @description what it takes work from */
            queues: ("jobs" | "analyse" | "render" | "live" | "clips")[];
            /** @description memory of the process, without what it has started */
            rss: number;
            /**
             * Format: date-time
             * @description its last sign of life, of one every 5 s; after 15 s it is not listed any more
             */
            seen_at: string;
            /** Format: date-time */
            since: string;
            version: string;
            /** @description what it does, the oldest first; no more than 64 */
            work: {
                clip?: string;
                job?: string;
                /** @description number of the chunk */
                part?: number;
                /** @enum {string} */
                queue: "jobs" | "analyse" | "render" | "live" | "clips";
                /** Format: date-time */
                since: string;
                step?: string;
                stream?: string;
            }[];
            /** @description how many pieces of work that is in all */
            working: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    isAlive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Prometheus text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    isReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Default Response */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testCamera: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CameraRequestInput"];
            };
        };
        responses: {
            /** @description also where no pictures come */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CameraTest"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_UNREADABLE: the input may not be read; KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_NOT_FOUND: the input does not exist */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description ADDRESS_REFUSED: the address is one that may not be asked; INPUT_INVALID: the input is not media that can be read */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NO_WORKER: no worker answers in time; STORAGE_UNREACHABLE: the storage does not answer; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listClips: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description the event that it was cut for */
                event?: string;
                /** @description what has any of the time from here */
                from?: string;
                /** @description 1: only what is kept; 0: only what is not */
                keep?: "0" | "1";
                /** @description a name that is seen in it */
                label?: string;
                limit?: number;
                rule?: string;
                state?: "waiting" | "queued" | "running" | "done" | "failed";
                stream?: string;
                /** @description to here */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `Link` names the next page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClipsPage"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClip: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clip"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_FOUND: there is no such clip */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeClip: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeClip: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClipPatchInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clip"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_FOUND: there is no such clip */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description QUOTA_EXCEEDED: the submitter has used up its storage */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClipAnalysis: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_FOUND: there is no such clip; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_READY: the clip, or this part of it, is still made; STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClipMasks: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_FOUND: there is no such clip; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_READY: the clip, or this part of it, is still made; STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClipPreview: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/webp": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/webp": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_FOUND: there is no such clip; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_READY: the clip, or this part of it, is still made; STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClipThumbnail: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_FOUND: there is no such clip; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_READY: the clip, or this part of it, is still made; STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClipVideo: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 1: with names painted over it, made when it is first asked for */
                overlay?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_FOUND: there is no such clip; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CLIP_NOT_READY: the clip, or this part of it, is still made; STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getClipArchive: {
        parameters: {
            query?: {
                /** @description what has any of the time from here */
                from?: string;
                /** @description these clips, whatever else is asked for; commas between */
                id?: string;
                /** @description 1: only what is kept; 0: only what is not */
                keep?: "0" | "1";
                /** @description a name that is seen in it */
                label?: string;
                /** @description 1: videos with names painted over them */
                overlay?: "0" | "1";
                rule?: string;
                stream?: string;
                /** @description to here */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the archive, as it is made */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/zip": string;
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getConfig: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Config"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listEvents: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description what has any of the time from here */
                from?: string;
                /** @description a name that is seen in it */
                label?: string;
                limit?: number;
                rule?: string;
                state?: "open" | "closed";
                stream?: string;
                /** @description to here */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `Link` names the next page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsPage"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description EVENT_NOT_FOUND: there is no such event */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchEvents: {
        parameters: {
            query?: {
                /** @description where to go on, for clients that cannot set headers */
                last_event_id?: string;
                rule?: string;
                stream?: string;
            };
            header?: {
                /** @description the last event that was seen: it goes on after that */
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchAll: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description one after the other */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Told"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description a name that was looked for */
                label?: string;
                limit?: number;
                state?: "queued" | "running" | "done" | "failed" | "cancelled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `Link` names the next page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsPage"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    submitJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same request with the same key makes one job only */
                "idempotency-key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JobRequestInput"];
                "multipart/form-data": components["schemas"]["JobFormInput"];
            };
        };
        responses: {
            /** @description accepted; `Location` says where it is */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_UNREADABLE: the input may not be read; KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_NOT_FOUND: the input does not exist */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CONFLICT: the request contradicts an earlier one */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_TOO_LARGE: the input is larger than allowed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description ADDRESS_REFUSED: the address is one that may not be asked */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description QUOTA_EXCEEDED: the submitter has used up its storage; DISK_FULL: no space is left where the output goes */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchJob: {
        parameters: {
            query?: {
                /** @description where to go on, for clients that cannot set headers */
                last_event_id?: string;
            };
            header?: {
                /** @description the last event that was seen: it goes on after that */
                "last-event-id"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description the last event was seen already: there is nothing to wait for */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    labelJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same request with the same key makes one job only */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LabelRequestInput"];
            };
        };
        responses: {
            /** @description accepted; `Location` says where it is */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CONFLICT: the request contradicts an earlier one */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description QUOTA_EXCEEDED: the submitter has used up its storage; DISK_FULL: no space is left where the output goes */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMasks: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getPanoptic: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReport: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description the same request with the same key makes one job only */
                "idempotency-key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description accepted; `Location` says where it is */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_UNREADABLE: the input may not be read; KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job; INPUT_NOT_FOUND: the input does not exist; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CONFLICT: the request contradicts an earlier one */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description ADDRESS_REFUSED: the address is one that may not be asked */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description QUOTA_EXCEEDED: the submitter has used up its storage; DISK_FULL: no space is left where the output goes */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSource: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "video/mp4": string;
                    "video/quicktime": string;
                    "video/webm": string;
                    "video/x-matroska": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                    "video/mp4": string;
                    "video/quicktime": string;
                    "video/webm": string;
                    "video/x-matroska": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getThumbnail: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                    "image/png": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getVideo: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                    "video/quicktime": string;
                    "video/webm": string;
                    "video/x-matroska": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                    "video/quicktime": string;
                    "video/webm": string;
                    "video/x-matroska": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description JOB_NOT_FOUND: there is no such job; RESULT_NOT_FOUND: the job has no such result, or not yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keys: components["schemas"]["Key"][];
                    };
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyRequestInput"];
            };
        };
        responses: {
            /** @description Default Response */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewKey"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CONFLICT: the request contradicts an earlier one */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description revoked */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Models"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description MODEL_INVALID: the model pack or its architecture does not fit */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelDetails"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description MODEL_INVALID: the model pack or its architecture does not fit */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    fetchModel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description it is here already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description it is being fetched; ask for the model to see how far it is */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description MODEL_INVALID: the model pack or its architecture does not fit */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description DOWNLOAD_FAILED: a download did not finish */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelModelFetch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Model"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description MODEL_INVALID: the model pack or its architecture does not fit */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    checkRules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RulesToCheckInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CheckedRules"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    search: {
        parameters: {
            query: {
                /** @description `next` of the page before */
                cursor?: string;
                /** @description what has any of the time from here */
                from?: string;
                job?: string;
                limit?: number;
                /** @description the words; other words for the same between `|` */
                q: string;
                /** @description least share of the picture; 0.0005 if it is not told */
                share?: number;
                stream?: string;
                /** @description least score; 0.5 if it is not told */
                threshold?: number;
                /** @description to here */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description `Link` names the next page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundPage"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_FOUND: there is no such stream; JOB_NOT_FOUND: there is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description MODEL_MISSING: the model or its weights are not here; STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"] | components["schemas"]["Nobody"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionRequestInput"];
            };
        };
        responses: {
            /** @description `Set-Cookie` has the session */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CONFLICT: the request contradicts an earlier one */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listStreams: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Streams"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createStream: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StreamRequestInput"];
            };
        };
        responses: {
            /** @description made; `Location` says where it is */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stream"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_UNREADABLE: the input may not be read; KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_NOT_FOUND: the input does not exist */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description ADDRESS_REFUSED: the address is one that may not be asked; INPUT_INVALID: the input is not media that can be read */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description DISK_FULL: no space is left where the output goes */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getStream: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stream"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    removeStream: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    changeStream: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StreamPatchInput"];
            };
        };
        responses: {
            /** @description `applied` tells whether its worker has taken the change already */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stream"];
                };
            };
            /** @description USAGE: the command, option or value is not understood; RULES_INVALID: the rules are not understood, or can never hold */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_UNREADABLE: the input may not be read; KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_NOT_FOUND: the input does not exist; STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description ADDRESS_REFUSED: the address is one that may not be asked; INPUT_INVALID: the input is not media that can be read */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description DISK_FULL: no space is left where the output goes */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createClip: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClipRequestInput"];
            };
        };
        responses: {
            /** @description accepted; `Location` says where it is */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Clip"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_FOUND: there is no such stream; NOT_RECORDED: nothing was recorded in that time */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description QUOTA_EXCEEDED: the submitter has used up its storage; DISK_FULL: no space is left where the output goes */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchStream: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description as it comes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address; STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_LIVE: the stream shows nothing at present; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    playStream: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description index.m3u8; the playlist names the others */
                file: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.apple.mpegurl": string;
                    "video/mp2t": string;
                    "video/mp4": string;
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address; STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_LIVE: the stream shows nothing at present; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchStreamPictures: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description as it comes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "multipart/x-mixed-replace": string;
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address; STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_LIVE: the stream shows nothing at present; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listRecordings: {
        parameters: {
            query?: {
                /** @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h */
                from?: string;
                limit?: number;
                /** @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h */
                to?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedFiles"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRecording: {
        parameters: {
            query?: {
                /** @description 1: to be saved, not shown */
                download?: "0" | "1";
                /** @description 0: not redirected to the storage, whatever the server does */
                redirect?: "0" | "1";
            };
            header?: {
                "if-modified-since"?: string;
                "if-none-match"?: string;
                "if-range"?: string;
                /** @description one range of bytes */
                range?: string;
            };
            path: {
                /** @description as the list has it */
                file: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description all of it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                };
            };
            /** @description the part asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "video/mp4": string;
                };
            };
            /** @description where the storage has it */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description it is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_FOUND: there is no such stream; NOT_RECORDED: nothing was recorded in that time */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description there is no such part; `Content-Range` says how much there is */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getRecordedPicture: {
        parameters: {
            query: {
                /** @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h */
                at: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_FOUND: there is no such stream; NOT_RECORDED: nothing was recorded in that time */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewRules: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RulesToPreviewInput"];
            };
        };
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulesPreview"];
                };
            };
            /** @description USAGE: the command, option or value is not understood; RULES_INVALID: the rules are not understood, or can never hold */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description MODEL_MISSING: the model or its weights are not here; NO_WORKER: no worker answers in time; STORAGE_UNREACHABLE: the storage does not answer; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSnapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description as it comes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/jpeg": string;
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address; STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_LIVE: the stream shows nothing at present; REDIS_UNREACHABLE: Redis does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getTimeline: {
        parameters: {
            query?: {
                /** @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h */
                from?: string;
                /** @description seconds of a bucket */
                step?: number;
                /** @description ISO 8601, milliseconds since 1970, now, or such as now-90s and now+2h */
                to?: string;
                /** @description other words than at the time */
                vocabulary?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STREAM_NOT_FOUND: there is no such stream */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description STORAGE_UNREACHABLE: the storage does not answer */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getSystem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["System"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1.0.0 */
                "tus-resumable"?: string;
                /** @description bytes of the whole */
                "upload-length"?: string;
                /** @description `filename` and its value in Base64 */
                "upload-metadata"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description begun */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_TOO_LARGE: the input is larger than allowed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description QUOTA_EXCEEDED: the submitter has used up its storage; DISK_FULL: no space is left where the output goes */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1.0.0 */
                "tus-resumable"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CONFLICT: the request contradicts an earlier one */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    continueUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description 1.0.0 */
                "tus-resumable"?: string;
                /** @description bytes that are there already */
                "upload-offset"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/offset+octet-stream": string;
            };
        };
        responses: {
            /** @description added; `Upload-Offset` says how much is there */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description CONFLICT: the request contradicts an earlier one */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INPUT_TOO_LARGE: the input is larger than allowed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description QUOTA_EXCEEDED: the submitter has used up its storage; DISK_FULL: no space is left where the output goes */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    suggestWords: {
        parameters: {
            query?: {
                limit?: number;
                /** @description whose names are suggested; else the default’s */
                model?: string;
                /** @description what has been written of a name so far */
                q?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Default Response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Words"];
                };
            };
            /** @description USAGE: the command, option or value is not understood */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_REQUIRED: a key is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description KEY_FORBIDDEN: the role of the key does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description NOT_FOUND: there is nothing at this address */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description MODEL_INVALID: the model pack or its architecture does not fit */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description TOO_MANY_REQUESTS: more was asked than is allowed in this time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description INTERNAL: this is a defect of the program */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
