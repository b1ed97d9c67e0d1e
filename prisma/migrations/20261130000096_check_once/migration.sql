-- The job whose check was written down last: of two attempts of one job, by workers that did not know of each other, one counts.
ALTER TABLE "recording" ADD COLUMN "checkedJob" TEXT;
