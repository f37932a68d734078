import { useLocation, useSearch } from 'wouter-preact';
import { text } from '../text/en.ts';
import { Segments } from '../ui/field.tsx';
import { Screen } from '../ui/parts.tsx';
import { ClipsTab } from './clips-tab.tsx';
import { EventsTab } from './events-tab.tsx';
import { RecordingsTab } from './recordings-tab.tsx';

const t = text.past;
const TABS = ['recordings', 'clips', 'events'] as const;
type Tab = (typeof TABS)[number];

/** What was: days of cameras, clips of them, and what rules told. `?tab=` says which. */
export default function PastScreen() {
  const search = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const tab = TABS.find((one) => one === search.get('tab')) ?? 'recordings';
  const go = (to: Tab) => {
    const stream = search.get('stream');
    const query = new URLSearchParams({
      ...(to === 'recordings' ? {} : { tab: to }),
      ...(stream ? { stream } : {}),
    });
    navigate(`/recordings${query.size > 0 ? `?${query}` : ''}`);
  };
  return (
    <Screen
      title={t.tabs[tab]}
      actions={
        <Segments<Tab>
          label={t.tabsLabel}
          value={tab}
          options={TABS.map((one) => [one, t.tabs[one]] as const)}
          onSelect={go}
        />
      }
    >
      {tab === 'recordings' && <RecordingsTab />}
      {tab === 'clips' && <ClipsTab />}
      {tab === 'events' && <EventsTab />}
    </Screen>
  );
}
