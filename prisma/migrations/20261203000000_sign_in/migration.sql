-- Sign-in of our own: passwords, authenticators, passkeys and sessions. Passwords and sessions of before are not taken over:
-- whoever has an account asks for a new password by mail.
DROP TABLE "session", "account", "verification", "two_factor";
ALTER TABLE "user" DROP COLUMN "emailVerified", DROP COLUMN "image", DROP COLUMN "twoFactorEnabled";
ALTER TABLE "school" ADD COLUMN "secondFactorRoles" "StaffRole"[] DEFAULT ARRAY['teacher', 'reviewer', 'administrator', 'auditor']::"StaffRole"[];

CREATE TABLE "password" (
    "userId" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "changedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "password_pkey" PRIMARY KEY ("userId")
);
CREATE TABLE "authenticator" (
    "userId" TEXT NOT NULL,
    "secret" BYTEA,
    "confirmedAt" TIMESTAMPTZ(3),
    "lastStep" BIGINT NOT NULL DEFAULT 0,
    "pendingSecret" BYTEA,
    "pendingCodes" TEXT[],

    CONSTRAINT "authenticator_pkey" PRIMARY KEY ("userId")
);
CREATE TABLE "backup_code" (
    "digest" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "backup_code_pkey" PRIMARY KEY ("digest")
);
CREATE TABLE "passkey" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "publicKey" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "passkey_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "used_challenge" (
    "digest" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_challenge_pkey" PRIMARY KEY ("digest")
);
CREATE TABLE "session" (
    "id" UUID NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "confirmedAt" TIMESTAMPTZ(3) NOT NULL,
    "factor" TEXT NOT NULL,
    "userAgent" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "session_absolute_end" CHECK ("expiresAt" <= "endsAt")
);
CREATE TABLE "password_reset" (
    "id" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "sentById" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "password_reset_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "factor_reset" (
    "id" UUID NOT NULL,
    "userId" TEXT NOT NULL,
    "requestedById" TEXT NOT NULL,
    "requestedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT,
    "decidedById" TEXT,
    "decidedAt" TIMESTAMPTZ(3),

    CONSTRAINT "factor_reset_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "factor_reset_outcome" CHECK ("outcome" IN ('confirmed', 'cancelled')),
    CONSTRAINT "factor_reset_two_persons" CHECK ("outcome" IS DISTINCT FROM 'confirmed' OR "decidedById" <> "requestedById")
);
CREATE TABLE "rate_limit" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL,
    "expire" TIMESTAMPTZ(3),

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key")
);

CREATE INDEX "backup_code_userId_idx" ON "backup_code"("userId");
CREATE INDEX "passkey_userId_idx" ON "passkey"("userId");
CREATE INDEX "used_challenge_expiresAt_idx" ON "used_challenge"("expiresAt");
CREATE UNIQUE INDEX "session_tokenDigest_key" ON "session"("tokenDigest");
CREATE INDEX "session_userId_idx" ON "session"("userId");
CREATE INDEX "session_expiresAt_idx" ON "session"("expiresAt");
CREATE UNIQUE INDEX "password_reset_tokenDigest_key" ON "password_reset"("tokenDigest");
CREATE INDEX "password_reset_userId_idx" ON "password_reset"("userId");
CREATE INDEX "factor_reset_userId_idx" ON "factor_reset"("userId");
CREATE INDEX "rate_limit_expire_idx" ON "rate_limit"("expire");

ALTER TABLE "password" ADD CONSTRAINT "password_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "authenticator" ADD CONSTRAINT "authenticator_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "backup_code" ADD CONSTRAINT "backup_code_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "session" ADD CONSTRAINT "session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "password_reset" ADD CONSTRAINT "password_reset_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "factor_reset" ADD CONSTRAINT "factor_reset_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;
