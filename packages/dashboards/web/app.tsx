/** Finds the page for the address and puts the shell around it. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense } from 'react';
import { matchRoute, useLocation } from './router/router.ts';
import { routes } from './routes.tsx';
import { ApiError } from './server/api.ts';
import { PageErrorBoundary } from './shell/page-error-boundary.tsx';
import { Shell } from './shell/shell.tsx';
import { Loading } from './ui/states.tsx';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // Asking again helps against a store that is starting, not against a bad query or a missing login.
      retry: (failures, error) => failures < 1 && !(error instanceof ApiError && error.status < 500),
    },
  },
});

export function App() {
  const { path } = useLocation();
  const match = matchRoute(routes, path);
  const Page = match.route.page;
  const page = (
    <PageErrorBoundary key={path}>
      <Suspense fallback={<Loading what="the page" />}>
        <Page parameters={match.parameters} />
      </Suspense>
    </PageErrorBoundary>
  );
  return (
    <QueryClientProvider client={client}>
      {match.route.bare === true ? page : <Shell>{page}</Shell>}
    </QueryClientProvider>
  );
}
