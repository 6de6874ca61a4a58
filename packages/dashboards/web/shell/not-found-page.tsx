/** For addresses that lead nowhere. */
import { Link } from '../router/link.tsx';

export default function NotFoundPage() {
  return (
    <div className="page-narrow">
      <h1>Nothing lives at this address</h1>
      <p>
        It may have moved. <Link href="/dashboards">All dashboards</Link>
      </p>
    </div>
  );
}
