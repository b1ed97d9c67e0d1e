-- Permission to take part at all is a purpose of its own (P6).
ALTER TYPE "Purpose" ADD VALUE 'take_part' BEFORE 'record';
