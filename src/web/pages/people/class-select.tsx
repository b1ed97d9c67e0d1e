import { useAsk } from '../../api/use-ask.ts';
import { Select } from '../../parts/fields.tsx';
import { text } from '../../words/current.ts';
import { className } from '../courses/course-words.ts';

/** One of the school's classes, or none. */
export function ClassSelect({ name, required = false }: { readonly name: string; readonly required?: boolean }) {
  const classes = useAsk('listClasses', {});
  return (
    <Select
      label={text('class')}
      name={name}
      required={required}
      options={[['', '–'], ...(classes.data?.items ?? []).map((one) => [one.id, className(one)] as const)]}
    />
  );
}
