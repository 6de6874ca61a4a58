/** A thing that goes wrong on purpose: what it does, which alert it raises, what finds its cause. */
import type { PageProps } from '../routes.tsx';
import { DocumentPage } from './document-page.tsx';

export default function FaultPage({ parameters }: PageProps) {
  return <DocumentPage shelf="faults" what="fault" name={parameters.name ?? ''} />;
}
