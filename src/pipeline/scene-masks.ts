import { z } from 'zod';
import { flag, firstIssue, masksFrom, type MasksFile, readJson } from '../analysis/masks-file.ts';
import type { Zone } from '../clips/rules/rules.ts';
import type { Scene, SceneObject } from '../clips/rules/scene.ts';
import { SidestreamError } from '../core/errors.ts';
import { areaOf, boxOf, decodeCounts } from '../core/mask.ts';
import type { Vocabulary } from '../core/vocabulary.ts';
import { pointsIn } from './scene.ts';
