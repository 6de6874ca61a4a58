/** A runbook: what an alert means, where to look first, what it usually is. */
import type { PageProps } from '../routes.tsx';
import { DocumentPage } from './document-page.tsx';

export default function RunbookPage({ parameters }: PageProps) {
  return <DocumentPage shelf="runbooks" what="runbook" name={parameters.name ?? ''} />;
}
