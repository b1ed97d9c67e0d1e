import { attendanceRoutes } from './attendance.ts';
import { authorityRoutes } from './authority.ts';
import { captionsRoutes } from './captions.ts';
import { courseRoutes } from './course.ts';
import { homeRoutes } from './home.ts';
import { installationRoutes } from './installation.ts';
import { lessonRoutes } from './lesson.ts';
import { logRoutes } from './log.ts';
import { paperRoutes } from './paper.ts';
import { permissionRoutes } from './permission.ts';
import { personRoutes } from './person.ts';
import { recordingRoutes } from './recording.ts';
import { releaseRoutes } from './release.ts';
import { retentionRoutes } from './retention.ts';
import { reviewRoutes } from './review.ts';
import { runnerRoutes } from './runner.ts';
import { schoolRoutes } from './school.ts';
import { searchRoutes } from './search.ts';
import { sessionRoutes } from './session.ts';
import { staffRoutes } from './staff.ts';
import { systemRoutes } from './system.ts';
import { uploadRoutes } from './upload.ts';
import { watchRoutes } from './watch.ts';
import { workRoutes } from './work.ts';

/**
 * Every route of the HTTP API: what it takes, what it answers, and who may ask. The server mounts exactly these, the
 * OpenAPI document is made from these, and a test walks every route × every role. A role that is not listed is denied
 * (P9).
 */
export const routes = {
  ...sessionRoutes,
  ...staffRoutes,
  ...homeRoutes,
  ...searchRoutes,
  ...schoolRoutes,
  ...lessonRoutes,
  ...courseRoutes,
  ...personRoutes,
  ...permissionRoutes,
  ...paperRoutes,
  ...recordingRoutes,
  ...uploadRoutes,
  ...captionsRoutes,
  ...attendanceRoutes,
  ...reviewRoutes,
  ...releaseRoutes,
  ...watchRoutes,
  ...workRoutes,
  ...retentionRoutes,
  ...logRoutes,
  ...systemRoutes,
  ...installationRoutes,
  ...authorityRoutes,
  ...runnerRoutes,
};

export type RouteId = keyof typeof routes;
