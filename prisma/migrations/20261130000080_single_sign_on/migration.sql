-- Single sign-on (docs/decisions/0041-single-sign-on.md). `provider`: the provider knows who it is, and said nothing of a second
-- factor. `provider_mfa`: it asked for two.
ALTER TYPE "Factor" ADD VALUE 'provider';
ALTER TYPE "Factor" ADD VALUE 'provider_mfa';

-- Who an account is at the provider: the issuer and its name for the person, never an e-mail address.
CREATE TABLE "external_identity" (
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "external_identity_pkey" PRIMARY KEY ("issuer", "subject")
);
CREATE UNIQUE INDEX "external_identity_accountId_key" ON "external_identity"("accountId");
ALTER TABLE "external_identity" ADD CONSTRAINT "external_identity_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Since when the provider says which roles somebody has in this school.
ALTER TABLE "user" ADD COLUMN "providedAt" TIMESTAMPTZ(3);
-- The session at the provider, and when the provider last let its owner show who they are.
ALTER TABLE "session" ADD COLUMN "providerSessionId" TEXT, ADD COLUMN "provedAt" TIMESTAMPTZ(3);

-- The one account of a school that signs in with a password where nobody else does: made by the operator, sealed in an envelope.
ALTER TABLE "user" ADD COLUMN "emergencyAt" TIMESTAMPTZ(3), ADD COLUMN "emergencyUsedAt" TIMESTAMPTZ(3);
CREATE UNIQUE INDEX "user_emergency_key" ON "user"("schoolId") WHERE "emergencyAt" IS NOT NULL AND "disabledAt" IS NULL;
