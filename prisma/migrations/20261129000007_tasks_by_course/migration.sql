-- Two guardians may disagree in two courses: each is a task of its own.
DROP INDEX "task_open";
CREATE UNIQUE INDEX "task_open" ON "task"("kind", "personId", "otherId", "courseId") NULLS NOT DISTINCT WHERE "doneAt" IS NULL;
