import { Link, useNavigate } from '@tanstack/react-router';
import { audiences } from '../../../domain/permission.ts';
import { ask } from '../../api/ask.ts';
import { useAsk } from '../../api/use-ask.ts';
import { Choices, Field, Tick } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { ChannelField, ReasonField, SiteFields, SupervisorField, TitleField } from './course-fields.tsx';
import { className, pickAudiences } from './course-words.ts';

/** Opens a course: what permission is asked for, of whom, and for how long. */
export function NewCoursePage() {
  const person = usePerson();
  const navigate = useNavigate();
  const classes = useAsk('listClasses', {});
  const school = useAsk('getSchool', {});
  return (
    <Page title={text('openCourse')} lead={text('coursesLead')} back={<Link to="/courses">← {text('courses')}</Link>}>
      <Card>
        <Loaded query={school}>
          {({ name }) => (
            <Form
              draft="course"
              className="fields"
              send={text('openCourse')}
              onSend={async (values) => {
                const supervisorName = values.text('supervisorName');
                const contact = values.text('supervisorContact');
                const { id } = await ask('createCourse', {
                  body: {
                    title: values.text('title'),
                    reason: values.text('reason'),
                    channelId: values.text('channelId'),
                    supervisorName,
                    from: values.text('from'),
                    until: values.text('until'),
                    audiences: pickAudiences(values.all('audiences')),
                    classIds: values.all('classIds'),
                    sites: [{ name: values.text('siteName'), contact: values.text('siteContact') }],
                    people: values.isTicked('supervisorThere')
                      ? [
                          {
                            name: supervisorName,
                            kind: 'teacher',
                            isMinor: false,
                            ...(contact === '' ? {} : { contact }),
                          },
                        ]
                      : [],
                  },
                });
                await navigate({ to: '/courses/$courseId', params: { courseId: id } });
              }}
            >
              <TitleField />
              <ReasonField />
              <Field label={text('firstDay')} name="from" type="date" required />
              <Field label={text('lastDay')} name="until" type="date" required />
              <ChannelField />
              <SupervisorField value={person.name} />
              <Tick label={text('supervisorThere')} name="supervisorThere" defaultChecked />
              <Field
                label={text('supervisorContact')}
                hint={text('supervisorContactHint')}
                name="supervisorContact"
                maxLength={300}
              />
              <Choices
                legend={text('classes')}
                name="classIds"
                options={(classes.data?.items ?? []).map((one) => [one.id, className(one)])}
                none={text('noClasses')}
              />
              <Choices
                legend={text('shownTo')}
                name="audiences"
                options={audiences.map((one) => [one, label('audience', one)])}
                chosen={['class']}
              />
              <SiteFields name={name} />
            </Form>
          )}
        </Loaded>
      </Card>
    </Page>
  );
}
