-- The two checks that ask for a percentage have names that the database gave them.
DO $$
DECLARE
    percentage record;
BEGIN
    FOR percentage IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = 'claim'::regclass AND contype = 'c'
        AND pg_get_constraintdef(oid) LIKE '%change_percent IS NOT NULL%'
    LOOP
        EXECUTE format('ALTER TABLE claim DROP CONSTRAINT %I', percentage.conname);
    END LOOP;
END $$;
ALTER TABLE claim ADD COLUMN change_direction TEXT CHECK (change_direction IN ('INCREASE', 'DECREASE'));
ALTER TABLE claim ADD CHECK (change_percent IS NULL OR change_direction IS NULL);
ALTER TABLE claim ADD CHECK (change_base_start IS NULL OR change_percent IS NOT NULL OR change_direction IS NOT NULL);
ALTER TABLE claim ADD CHECK (kind <> 'CHANGE' OR change_percent IS NOT NULL OR change_direction IS NOT NULL);
