/** What the process is started with when it shall tell the text instead of drawing: a line of JSON for each page. */
export const textMode = 'text';

/** A class list has a page or two for each class. */
export const maxTextPages = 300;
