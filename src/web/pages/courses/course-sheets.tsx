import { Link } from '@tanstack/react-router';
import { askForFile } from '../../api/ask.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { download } from '../../parts/download.ts';
import { Field, Select, Tick } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { useSay } from '../../parts/said.tsx';
import { text } from '../../words/current.ts';
import type { Course } from './course-words.ts';

/** Sheets to be signed, as one PDF to print. */
export function CourseSheets({ course }: { readonly course: Course }) {
  const refresh = useRefresh();
  const say = useSay();
  return (
    <details className="no-print">
      <summary>{text('printSheets')}</summary>
      <p className="quiet">
        {text('printSheetsLead')} <Link to="/paper">{text('paperHandIn')}</Link>
      </p>
      <Form
        className="fields"
        send={text('printSheets')}
        tone="plain"
        onSend={async (values) => {
          const classId = values.text('classId');
          const body = {
            office: values.text('office'),
            ...(classId === '' ? {} : { classId }),
            everybody: values.isTicked('everybody'),
            again: values.isTicked('again'),
            twoSided: values.isTicked('twoSided'),
          };
          download(await askForFile('printSheets', { params: { courseId: course.id }, body }), 'emanet-sheets.pdf');
          say(text('printed'));
          await refresh();
        }}
      >
        <Field label={text('printOffice')} hint={text('printOfficeHint')} name="office" required maxLength={200} />
        <Select
          label={text('printClass')}
          name="classId"
          options={[['', text('everyClass')], ...course.classes.map(({ id, name }) => [id, name] as const)]}
        />
        <div>
          <Tick label={text('printEverybody')} name="everybody" />
          <Tick label={text('printAgain')} name="again" />
          <Tick label={text('printTwoSided')} name="twoSided" />
        </div>
      </Form>
    </details>
  );
}
