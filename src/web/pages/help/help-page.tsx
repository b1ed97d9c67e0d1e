import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import Markdown from 'react-markdown';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { useShell } from '../../shell/session.tsx';
import { text } from '../../words/current.ts';
import { type GuideName, guideNames } from './guides.ts';
import styles from './help-page.module.css';

/** Each guide is a file of its own, in each language, as it stands in docs/guide. */
const files = import.meta.glob<string>('../../../../docs/guide/{tr,en}/*.md', { query: '?raw', import: 'default' });
const pictures = import.meta.glob<string>('../../../../docs/guide/pictures/*.png', {
  query: '?url',
  import: 'default',
  eager: true,
});

/** The guide of a role, task by task, in the language of the page. */
export function HelpPage() {
  const { guide } = useParams({ from: '/help/$guide' });
  const { language } = useShell();
  const name: GuideName = guideNames.find((one) => one === guide) ?? 'teacher';
  const path = `../../../../docs/guide/${language}/${name}.md`;
  const words = useQuery({
    queryKey: ['guide', path],
    queryFn: async () => {
      const load = files[path];
      if (load === undefined) throw new Error(`no guide at ${path}`);
      return load();
    },
  });
  return (
    <Page title={text(`guide_${name}`)}>
      <nav aria-label={text('guides')} className="row">
        {guideNames.map((one) => (
          <Link key={one} to="/help/$guide" params={{ guide: one }}>
            {text(`guide_${one}`)}
          </Link>
        ))}
      </nav>
      <Card className={styles.guide ?? ''}>
        <Loaded query={words}>
          {(markdown) => (
            <Markdown
              components={{
                // The page has the title already.
                h1: () => null,
                img: ({ src, alt }) => (
                  <img src={pictures[`../../../../docs/guide${String(src).slice(2)}`]} alt={alt ?? ''} loading="lazy" />
                ),
              }}
            >
              {markdown}
            </Markdown>
          )}
        </Loaded>
      </Card>
    </Page>
  );
}
