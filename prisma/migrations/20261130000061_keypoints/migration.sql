-- Keypoints of a still picture, by which it is found in a part of a recording.
ALTER TABLE "work" ADD COLUMN "keypoints" BYTEA;
