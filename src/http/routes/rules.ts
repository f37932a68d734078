import { z } from 'zod';
import { wordsOf } from '../../clips/rules/words.ts';
import type { App } from '../app-type.ts';
import { rulesAsked, rulesSchema } from '../rules-asked.ts';
import { problems } from '../schemas.ts';

const names = z.array(z.array(z.string())).describe('each with its synonyms, the label first');
const checkedSchema = z
  .object({
    rules: z.looseObject({}).describe('with all that was left out filled in'),
    things: names.describe('what is looked for and told apart'),
    stuff: names.describe('what is looked at as a share of the picture alone'),
  })
  .meta({ id: 'CheckedRules' });

/** Rules by themselves, without a stream. */
export function ruleRoutes(app: App): void {
  app.post(
    '/v1/rules/check',
    {
      config: { access: 'viewer' },
      schema: {
        operationId: 'checkRules',
        summary: 'What rules say, or all that is wrong with them; nothing is kept',
        tags: ['rules'],
        body: z.strictObject({ rules: rulesSchema }).meta({ id: 'RulesToCheck' }),
        response: { 200: checkedSchema, ...problems('USAGE', 'RULES_INVALID') },
      },
    },
    async (request) => {
      const rules = rulesAsked(request.body.rules);
      const { things, stuff } = wordsOf(rules);
      const listed = (lists: readonly (readonly string[])[]) => lists.map((words) => [...words]);
      return { rules: { ...rules }, things: listed(things), stuff: listed(stuff) };
    },
  );
}
