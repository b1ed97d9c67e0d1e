-- A signer whose link was revoked is sent a new one.
ALTER TYPE "DeliveryKind" ADD VALUE 'renewed';
