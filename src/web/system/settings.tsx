import { Search, SlidersHorizontal } from 'lucide-preact';
import { useLocation, useSearch } from 'wouter-preact';
import { api, asked } from '../api/client.ts';
import { text } from '../text/en.ts';
import { Switch } from '../ui/field.tsx';
import { Badge, Empty, Loading, Problem } from '../ui/parts.tsx';
import { useAsked } from '../ui/use-asked.ts';
import { isDefault, matching, type Tree, written } from './setting-search.ts';

/** The settings in force. What is searched for is in the address. */
export function Settings() {
  const { data, error, again } = useAsked((signal) => asked(api.GET('/v1/config', { signal })), []);
  const query = new URLSearchParams(useSearch());
  const [path, navigate] = useLocation();
  const t = text.system;
  const wanted = query.get('q') ?? '';
  const changed = query.has('changed');
  const found = matching((data?.settings ?? {}) as Tree, wanted, changed);

  function look(to: { readonly q?: string; readonly changed?: boolean }): void {
    const { q, changed: only } = { q: wanted, changed, ...to };
    const next = new URLSearchParams({ ...(q ? { q } : {}), ...(only ? { changed: '1' } : {}) });
    navigate(next.size > 0 ? `${path}?${next}` : path, { replace: true });
  }

  return (
    <div class="stack">
      <p class="soft">{t.settingsHint}</p>
      <search class="row settings-search">
        <div class="by-word">
          <Search size={18} aria-hidden="true" />
          <input
            class="input"
            type="search"
            autocomplete="off"
            aria-label={t.settingsSearch}
            placeholder={t.settingsSearch}
            value={wanted}
            onInput={({ currentTarget }) => look({ q: currentTarget.value })}
          />
        </div>
        <Switch label={t.settingsChanged} checked={changed} onSwitch={(only) => look({ changed: only })} />
        {data && (
          <span class="small soft" role="status">
            {t.settingsCount(found.reduce((sum, [, settings]) => sum + settings.length, 0))}
          </span>
        )}
      </search>
      {error !== undefined && <Problem error={error} onRetry={again} />}
      {!data && error === undefined && <Loading />}
      {data && found.length === 0 && <Empty icon={SlidersHorizontal} title={t.settingsNone} />}
      {found.map(([section, settings]) => (
        // A search opens what it finds.
        <details
          key={`${section}-${wanted !== '' || changed}`}
          class="card settings"
          open={wanted !== '' || changed}
        >
          <summary>
            <h2>{section}</h2>
            <span class="small soft">{t.settingsCount(settings.length)}</span>
          </summary>
          <dl>
            {settings.map(([name, setting]) => (
              <div key={name}>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>
                  <code class="value">{written(setting.value)}</code>{' '}
                  {isDefault(setting) ? (
                    <span class="small soft">{t.sourceDefault}</span>
                  ) : (
                    <Badge tone="accent">{setting.source}</Badge>
                  )}
                  <p class="small soft">{setting.about}</p>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      ))}
    </div>
  );
}
