import { useSignal } from '@preact/signals';
import { Cctv, Film, type LucideIcon, MessageCircleQuestion, Server, SquareStack } from 'lucide-preact';
import { Component, type ComponentChildren } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { useEffect } from 'preact/hooks';
import { Link, Route, Switch, useLocation } from 'wouter-preact';
import { listen } from './state/feed.ts';
import { online, recognise, who } from './state/session.ts';
import { OwnSettings } from './system/own-settings.tsx';
import { SignIn } from './system/sign-in.tsx';
import { text } from './text/en.ts';
import { Loading, Problem, Screen } from './ui/parts.tsx';
import { Toasts } from './ui/toast.tsx';

/** The page: who is there, the rail, and one screen. Each screen is loaded when it is first opened. */

const JobsScreen = lazy(() => import('./jobs/jobs-screen.tsx'));
const ResultScreen = lazy(() => import('./player/result-screen.tsx'));
const LiveScreen = lazy(() => import('./live/live-screen.tsx'));
const CameraScreen = lazy(() => import('./live/camera-screen.tsx'));
const PastScreen = lazy(() => import('./past/past-screen.tsx'));
const ClipScreen = lazy(() => import('./past/clip-screen.tsx'));
const AskScreen = lazy(() => import('./ask/ask-screen.tsx'));
const SystemScreen = lazy(() => import('./system/system-screen.tsx'));

export function App() {
  useEffect(() => {
    void recognise();
    return listen();
  }, []);
  if (who.value === undefined) return online.value ? <Loading /> : <Offline />;
  if (who.value === null) {
    return (
      <>
        <SignIn />
        <Toasts />
      </>
    );
  }
  return (
    <>
      <a class="skip button" href="#content">
        {text.app.skip}
      </a>
      {!online.value && <Offline />}
      <div class="shell">
        <Rail />
        <Fence>
          <Suspense fallback={<Loading />}>
            <Switch>
              <Route path="/" component={JobsScreen} />
              <Route path="/jobs/:id" component={ResultScreen} />
              <Route path="/live" component={LiveScreen} />
              <Route path="/live/:id" component={CameraScreen} />
              <Route path="/recordings" component={PastScreen} />
              <Route path="/clips/:id" component={ClipScreen} />
              <Route path="/ask" component={AskScreen} />
              <Route path="/system/:part?" component={SystemScreen} />
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </Fence>
      </div>
      <Toasts />
    </>
  );
}

const SCREENS: readonly (readonly [path: string, name: string, icon: LucideIcon, also?: string])[] = [
  ['/', text.app.jobs, SquareStack, '/jobs'],
  ['/live', text.app.live, Cctv],
  ['/recordings', text.app.past, Film, '/clips'],
  ['/ask', text.app.ask, MessageCircleQuestion],
  ['/system', text.app.system, Server],
];

function Rail() {
  const [here] = useLocation();
  const isHere = (path: string, also?: string) =>
    here === path || (path !== '/' && here.startsWith(`${path}/`)) || (!!also && here.startsWith(`${also}/`));
  return (
    <div class="rail">
      <Link class="brand" href="/">
        <img src={new URL('./icon.svg', import.meta.url).href} alt="" />
        <span class="name">{text.app.name}</span>
      </Link>
      <nav aria-label={text.app.navigation}>
        <ul>
          {SCREENS.map(([path, name, Icon, also]) => (
            <li key={path}>
              <Link href={path} aria-current={isHere(path, also) ? 'page' : undefined}>
                <Icon size={20} aria-hidden="true" />
                <span class="name">{name}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div class="foot">
        <OwnSettings />
      </div>
    </div>
  );
}

const Offline = () => (
  <div class="offline" role="status">
    {text.app.offline}
  </div>
);

function NotFound() {
  return (
    <Screen title={text.app.notFound}>
      <Link href="/">{text.app.toJobs}</Link>
    </Screen>
  );
}

/** A fault in one screen leaves the others alone. */
class Fence extends Component<{ readonly children: ComponentChildren }, { readonly error?: unknown }> {
  override state: { readonly error?: unknown } = {};
  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override componentDidCatch(error: unknown): void {
    console.error(error);
  }
  override render() {
    return this.state.error === undefined ? (
      this.props.children
    ) : (
      <Fault error={this.state.error} onAgain={() => this.setState({ error: undefined })} />
    );
  }
}

function Fault({ error, onAgain }: { readonly error: unknown; readonly onAgain: () => void }) {
  const [here] = useLocation();
  const began = useSignal(here);
  // Another screen has another chance.
  useEffect(() => {
    if (here !== began.value) onAgain();
  }, [here, began, onAgain]);
  return (
    <Screen title={text.app.broken}>
      <Problem error={error} onRetry={() => location.reload()} />
    </Screen>
  );
}
