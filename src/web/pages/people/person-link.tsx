import { Link } from '@tanstack/react-router';

export function PersonLink({
  person: { id, name },
}: {
  readonly person: { readonly id: string; readonly name: string };
}) {
  return (
    <Link to="/people/$personId" params={{ personId: id }}>
      {name}
    </Link>
  );
}
