export function PaperPage() {
  return null;
}
