import { z } from 'zod';
import type { RulePreviewView } from '../../clips/clips.ts';
import { rulePreviewRequestSchema } from '../../clips/request.ts';
import { wordsOf } from '../../clips/rules/words.ts';
import type { App } from '../app-type.ts';
import { callerOf } from '../auth.ts';
import { signalOf } from '../client-gone.ts';
import { eventSchema, timelineSchema } from '../clip-schemas.ts';
import { rulesAsked, rulesOrFaults, rulesSchema } from '../rules-asked.ts';
import { fieldErrorSchema, idSchema, problems } from '../schemas.ts';
import type { AppDeps } from '../settings.ts';
import { streamIdOf } from './streams.ts';

const names = z.array(z.array(z.string())).describe('each with its synonyms, the label first');
const checkedSchema = z
  .object({
    rules: z
      .looseObject({})
      .nullable()
      .describe('with all that was left out filled in; null where anything is wrong'),
    faults: z.array(fieldErrorSchema).describe('all that is wrong'),
    things: names.describe('what is looked for and told apart'),
    stuff: names.describe('what is looked at as a share of the picture alone'),
  })
  .meta({ id: 'CheckedRules' });

const time = z.iso.datetime();
const previewSchema = z
  .object({
    events: z
      .array(
        eventSchema
          .pick({
            rule: true,
            began_at: true,
            ended_at: true,
            names: true,
            tracks: true,
            best: true,
            why: true,
          })
          .extend({ ended_at: time.optional().describe('absent where it goes on') })
          .meta({ id: 'EventPreview' }),
      )
      .describe('by when they began'),
    from: time,
    to: time,
    until: time.describe('up to where it was looked at'),
    seconds_recorded: z.number().describe('with pictures, up to there'),
    gaps: timelineSchema.shape.gaps.describe(
      'what could not be looked at; NOT_ANALYSED: no model, or another one than now, has seen it',
    ),
    took_ms: z.int(),
    truncated: z
      .boolean()
      .describe('it took longer than clips.preview_seconds, or there are too many events'),
  })
  .meta({ id: 'RulesPreview' });

/** Fails to compile where the schema and what it stands for drift apart. */
const toPreview = (view: RulePreviewView): z.input<typeof previewSchema> => ({
  ...view,
  events: view.events.map((event) => ({
    ...event,
    names: [...event.names],
    tracks: [...event.tracks],
    best: { ...event.best, box: event.best.box && [...event.best.box] },
  })),
  gaps: [...view.gaps],
});

/** Rules by themselves, and over what was recorded. */
export function ruleRoutes(app: App, { previews }: Pick<AppDeps, 'previews'>): void {
  const tags = ['rules'];

  app.post(
    '/v1/rules/check',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'checkRules',
        summary: 'What rules say, or all that is wrong with them; nothing is kept',
        tags,
        body: z.strictObject({ rules: rulesSchema }).meta({ id: 'RulesToCheck' }),
        response: { 200: checkedSchema, ...problems('USAGE') },
      },
    },
    async (request) => {
      // Whoever checks asks whether they are wrong: that they are is no failure.
      const { rules, faults } = rulesOrFaults(request.body.rules);
      if (!rules) return { rules: null, faults, things: [], stuff: [] };
      const { things, stuff } = wordsOf(rules);
      const listed = (lists: readonly (readonly string[])[]) => lists.map((words) => [...words]);
      return { rules: { ...rules }, faults, things: listed(things), stuff: listed(stuff) };
    },
  );

  app.post(
    '/v1/streams/:id/rules/preview',
    {
      config: { access: 'operator' },
      schema: {
        operationId: 'previewRules',
        summary:
          'The events that rules would have made over what is recorded; no model is run, and nothing kept',
        tags,
        params: idSchema,
        body: rulePreviewRequestSchema.extend({ rules: rulesSchema }).meta({ id: 'RulesToPreview' }),
        response: {
          200: previewSchema,
          ...problems(
            'USAGE',
            'RULES_INVALID',
            'STREAM_NOT_FOUND',
            'MODEL_MISSING',
            'NO_WORKER',
            'STORAGE_UNREACHABLE',
            'REDIS_UNREACHABLE',
          ),
        },
      },
    },
    async (request, reply) => {
      const { rules, ...span } = request.body;
      const asked = { ...span, rules: rulesAsked(rules) };
      const submitter = { id: callerOf(request).id };
      return toPreview(await previews.preview(streamIdOf(request.params), asked, submitter, signalOf(reply)));
    },
  );
}
