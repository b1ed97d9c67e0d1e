import { Button } from '../parts/button.tsx';
import { text } from '../words/current.ts';
import { useShell } from './session.tsx';

/** Speaks the other language; whoever is signed in is spoken to in it from then on. */
export function LanguageButton() {
  const { language, changeLanguage } = useShell();
  const other = language === 'tr' ? 'en' : 'tr';
  return (
    <span lang={other}>
      <Button small tone="quiet" onPress={() => void changeLanguage(other)}>
        {text('otherLanguage')}
      </Button>
    </span>
  );
}
