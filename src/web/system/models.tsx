import { Box, Download, ExternalLink, X } from 'lucide-preact';
import { api, asked } from '../api/client.ts';
import type { components } from '../api/schema.d.ts';
import { may } from '../state/session.ts';
import { text } from '../text/en.ts';
import { Button } from '../ui/button.tsx';
import { Badge, Empty, Loading, Meter, Notice, Problem } from '../ui/parts.tsx';
import { bytesOf } from '../ui/time.ts';
import { attempt } from '../ui/toast.tsx';
import { useWatched } from './use-watched.ts';

type Model = components['schemas']['Model'];

/** Milliseconds between two looks. */
const EVERY = 2000;

/** What can see: the models that are here, and those that can be fetched. */
export function Models() {
  const { data, error, again } = useWatched((signal) => asked(api.GET('/v1/models', { signal })), [], EVERY);
  const t = text.system;
  return (
    <div class="stack">
      <p class="soft">{t.modelsHint}</p>
      {error !== undefined && <Problem error={error} onRetry={again} />}
      {!data && error === undefined && <Loading />}
      {data?.models.length === 0 && <Empty icon={Box} title={t.modelsNone} />}
      <ul class="models">
        {data?.models.map((model) => (
          <li key={model.name} class="card stack">
            <OneModel model={model} onChange={again} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function OneModel({ model, onChange }: { readonly model: Model; readonly onChange: () => void }) {
  const { name, title, state, bytes, licence, page, short_side, taught, fetching } = model;
  const t = text.system;
  const here = state === 'embedded' || state === 'fetched' || state === 'own';
  return (
    <>
      <div>
        <h2>{title}</h2>
        <code class="soft">{name}</code>
      </div>
      <div class="row">
        {model.default && <Badge tone="accent">{t.modelDefault}</Badge>}
        <Badge tone={here ? 'good' : state === 'missing' ? 'warn' : undefined}>{t.modelStates[state]}</Badge>
      </div>
      <dl class="facts">
        <div>
          <dt>{t.weights}</dt>
          <dd>{licence.weights}</dd>
        </div>
        <div>
          <dt>{t.code}</dt>
          <dd>{licence.code}</dd>
        </div>
        {bytes !== undefined && (
          <div>
            <dt>{t.size}</dt>
            <dd>{bytesOf(bytes)}</dd>
          </div>
        )}
        <div>
          <dt>{t.side}</dt>
          <dd>{t.sidePixels(short_side)}</dd>
        </div>
        <div>
          <dt>{t.knows}</dt>
          <dd>{t.taught(taught)}</dd>
        </div>
      </dl>
      {licence.attribution && <p class="small soft">{licence.attribution}</p>}
      <div class="row">
        {/^https?:/.test(page) && (
          <a class="row small" href={page} target="_blank" rel="noreferrer noopener">
            {t.page} <ExternalLink size={14} aria-hidden="true" />
          </a>
        )}
        <span class="grow" />
        {may('admin') && state === 'available' && (!fetching || fetching.error) && (
          <Fetch model={model} onChange={onChange} />
        )}
      </div>
      {fetching && <Fetching name={name} fetching={fetching} onChange={onChange} />}
    </>
  );
}

function Fetch({
  model: { name, partial },
  onChange,
}: {
  readonly model: Model;
  readonly onChange: () => void;
}) {
  const t = text.system;
  const fetch = async () => {
    await asked(api.POST('/v1/models/{name}/fetch', { params: { path: { name } } }));
    onChange();
  };
  return (
    <>
      {partial > 0 && <span class="small soft">{t.fetchOn(bytesOf(partial))}</span>}
      <Button kind="primary" icon={Download} aria-label={t.fetchName(name)} onClick={() => attempt(fetch)}>
        {t.fetch}
      </Button>
    </>
  );
}

function Fetching({
  name,
  fetching: { bytes, of, error },
  onChange,
}: {
  readonly name: string;
  readonly fetching: NonNullable<Model['fetching']>;
  readonly onChange: () => void;
}) {
  const t = text.system;
  const stop = async () => {
    await asked(api.DELETE('/v1/models/{name}/fetch', { params: { path: { name } } }));
    onChange();
  };
  if (error) {
    return (
      <Notice tone="bad">
        <p>{error.message}</p>
        <p class="small soft">{error.code}</p>
      </Notice>
    );
  }
  return (
    <div class="stack fetching">
      <Meter share={of ? bytes / of : 0} label={t.fetching(name)} />
      <div class="row">
        <span class="small soft grow">
          {of !== undefined && bytes >= of
            ? t.making
            : t.fetched(bytesOf(bytes), of ? bytesOf(of) : undefined)}
        </span>
        {may('admin') && (
          <Button
            small
            icon={X}
            aria-label={t.stopName(name)}
            title={t.stopHint}
            onClick={() => attempt(stop)}
          >
            {text.common.cancel}
          </Button>
        )}
      </div>
    </div>
  );
}
