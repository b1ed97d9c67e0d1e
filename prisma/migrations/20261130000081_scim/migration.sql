-- Provisioning of staff by the provider (SCIM 2.0, RFC 7643 and 7644), in each school by a token of its own.
CREATE TABLE "scim_token" (
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "createdById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "scim_token_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "scim_token_tokenDigest_key" ON "scim_token"("tokenDigest");
CREATE INDEX "scim_token_schoolId_idx" ON "scim_token"("schoolId");

-- What the provider calls a member of staff, and whether it says that they may work.
CREATE TABLE "scim_user" (
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "userId" TEXT NOT NULL,
    "userName" TEXT NOT NULL,
    "externalId" TEXT,
    "active" BOOLEAN NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "scim_user_pkey" PRIMARY KEY ("schoolId", "userId")
);
CREATE UNIQUE INDEX "scim_user_schoolId_userName_key" ON "scim_user"("schoolId", "userName");
CREATE INDEX "scim_user_schoolId_externalId_idx" ON "scim_user"("schoolId", "externalId");
ALTER TABLE "scim_user" ADD CONSTRAINT "scim_user_schoolId_userId_fkey" FOREIGN KEY ("schoolId", "userId") REFERENCES "user"("schoolId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE TABLE "scim_group" (
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "id" UUID NOT NULL,
    "displayName" TEXT NOT NULL,
    "externalId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "scim_group_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "scim_group_schoolId_displayName_key" ON "scim_group"("schoolId", "displayName");

CREATE TABLE "scim_member" (
    "schoolId" UUID NOT NULL DEFAULT current_school(),
    "groupId" UUID NOT NULL,
    "userId" TEXT NOT NULL,

    CONSTRAINT "scim_member_pkey" PRIMARY KEY ("groupId", "userId")
);
CREATE INDEX "scim_member_schoolId_userId_idx" ON "scim_member"("schoolId", "userId");
ALTER TABLE "scim_member" ADD CONSTRAINT "scim_member_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "scim_group"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "scim_member" ADD CONSTRAINT "scim_member_schoolId_userId_fkey" FOREIGN KEY ("schoolId", "userId") REFERENCES "scim_user"("schoolId", "userId") ON DELETE CASCADE ON UPDATE CASCADE;

-- As before (migration accounts), and for the token of a provider.
CREATE OR REPLACE FUNCTION school_of_secret(kind TEXT, secret TEXT) RETURNS UUID
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT "id" FROM "school" WHERE "closedAt" IS NULL AND "id" = CASE kind
    WHEN 'session' THEN (SELECT "schoolId" FROM "session" WHERE "tokenDigest" = secret)
    WHEN 'api-token' THEN (SELECT "schoolId" FROM "api_token" WHERE "tokenDigest" = secret)
    WHEN 'scim-token' THEN (SELECT "schoolId" FROM "scim_token" WHERE "tokenDigest" = secret)
    WHEN 'invitation' THEN (SELECT "schoolId" FROM "invitation" WHERE "tokenDigest" = secret)
    WHEN 'password-reset' THEN (SELECT "schoolId" FROM "password_reset" WHERE "tokenDigest" = secret)
    WHEN 'signer-link' THEN (SELECT "schoolId" FROM "signer_link" WHERE "tokenDigest" = secret)
    WHEN 'viewer-link' THEN (SELECT "schoolId" FROM "viewer_link" WHERE "tokenDigest" = secret)
    WHEN 'delivery' THEN (SELECT "schoolId" FROM "delivery" WHERE "messageId" = secret)
  END
$$;
