-- Permission on paper: sheets that were printed, and pages of scans that came back.

-- CreateEnum
CREATE TYPE "ScanFinding" AS ENUM ('sheet', 'none', 'several', 'unknown');

-- CreateEnum
CREATE TYPE "ScanPageState" AS ENUM ('seen', 'read', 'confirmed', 'rejected');

-- CreateTable
CREATE TABLE "sheet" (
    "id" UUID NOT NULL,
    "requestId" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "pages" INTEGER NOT NULL,
    "printedAt" TIMESTAMPTZ(3) NOT NULL,
    "printedById" TEXT NOT NULL,

    CONSTRAINT "sheet_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scan_page" (
    "id" UUID NOT NULL,
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "scanId" UUID NOT NULL,
    "place" INTEGER NOT NULL,
    "found" "ScanFinding" NOT NULL,
    "sheetId" UUID,
    "page" INTEGER,
    "pictureSha256" TEXT NOT NULL,
    "sealedId" UUID NOT NULL,
    "state" "ScanPageState" NOT NULL DEFAULT 'seen',
    "receivedOn" DATE NOT NULL,
    "uploadedById" TEXT NOT NULL,
    "uploadedAt" TIMESTAMPTZ(3) NOT NULL,
    "assignedById" TEXT,
    "reading" JSONB,
    "readById" TEXT,
    "readAt" TIMESTAMPTZ(3),
    "decidedById" TEXT,
    "decidedAt" TIMESTAMPTZ(3),
    "note" TEXT,
    "permissionId" UUID,

    CONSTRAINT "scan_page_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "sheet_code_key" ON "sheet"("code");

-- CreateIndex
CREATE INDEX "sheet_requestId_idx" ON "sheet"("requestId");

-- CreateIndex
CREATE UNIQUE INDEX "scan_page_sealedId_key" ON "scan_page"("sealedId");

-- CreateIndex
CREATE INDEX "scan_page_sheetId_idx" ON "scan_page"("sheetId");

-- CreateIndex
CREATE INDEX "scan_page_permissionId_idx" ON "scan_page"("permissionId");

-- CreateIndex
CREATE INDEX "scan_page_pictureSha256_idx" ON "scan_page"("pictureSha256");

-- CreateIndex
CREATE INDEX "scan_page_state_uploadedAt_idx" ON "scan_page"("state", "uploadedAt");

-- AddForeignKey
ALTER TABLE "sheet" ADD CONSTRAINT "sheet_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "request"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scan_page" ADD CONSTRAINT "scan_page_schoolId_fkey" FOREIGN KEY ("schoolId") REFERENCES "school"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scan_page" ADD CONSTRAINT "scan_page_sheetId_fkey" FOREIGN KEY ("sheetId") REFERENCES "sheet"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scan_page" ADD CONSTRAINT "scan_page_sealedId_fkey" FOREIGN KEY ("sealedId") REFERENCES "sealed_object"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scan_page" ADD CONSTRAINT "scan_page_permissionId_fkey" FOREIGN KEY ("permissionId") REFERENCES "permission"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- A page of a sheet has its number; what is read or confirmed is of a sheet, and nobody confirms what they read.
ALTER TABLE "scan_page"
    ADD CONSTRAINT "scan_page_of_sheet" CHECK (("sheetId" IS NULL) = ("page" IS NULL)),
    ADD CONSTRAINT "scan_page_read" CHECK ("state" NOT IN ('read', 'confirmed') OR "sheetId" IS NOT NULL),
    ADD CONSTRAINT "scan_page_reading" CHECK ("state" <> 'read' OR ("reading" IS NOT NULL AND "readById" IS NOT NULL AND "readAt" IS NOT NULL)),
    ADD CONSTRAINT "scan_page_two_people" CHECK ("state" <> 'confirmed' OR ("decidedById" IS NOT NULL AND ("readById" IS NULL OR "readById" <> "decidedById")));
