/**
 * Raise it whenever a detector changes what it may find: recordings that an earlier version checked are then checked
 * again, and runners of another version get no check.
 */
export const detectorsVersion = 8;
