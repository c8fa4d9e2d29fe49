//! Which records have finer ones of the same goods beside them, in the words of the table.

/// Holds for a row of `shipment` that is above another in the HS, all else being alike: of the two,
/// a total takes the finer. Whether its edition has any product below is asked first, since most
/// records are of the finest.
pub const HAS_FINER: &str = "\
    shipment.exporter_id IS NOT NULL AND shipment.importer_id IS NOT NULL \
    AND EXISTS (SELECT 1 FROM dataset WHERE dataset.id = shipment.dataset_id AND dataset.grain = 'STATISTIC') \
    AND EXISTS (\
        SELECT 1 FROM product AS own \
        WHERE own.id = shipment.product_id AND (own.level = 'TOTAL' OR EXISTS (\
            SELECT 1 FROM product AS below WHERE below.edition_id = own.edition_id \
            AND below.code > own.code AND below.code < own.code || ':'))) \
    AND EXISTS (\
        SELECT 1 FROM shipment AS finer \
        JOIN product AS below ON below.id = finer.product_id \
        JOIN product AS own ON own.id = shipment.product_id \
        WHERE finer.exporter_id = shipment.exporter_id AND finer.importer_id = shipment.importer_id \
        AND finer.period_start = shipment.period_start AND finer.period_end = shipment.period_end \
        AND finer.dataset_id = shipment.dataset_id AND finer.reported_by = shipment.reported_by \
        AND finer.flow = shipment.flow AND finer.status = 'PUBLISHED' \
        AND coalesce(finer.customs_procedure, '') = coalesce(shipment.customs_procedure, '') \
        AND coalesce(finer.mode_of_transport, '') = coalesce(shipment.mode_of_transport, '') \
        AND (finer.partner2_id = shipment.partner2_id \
             OR finer.partner2_id IS NULL AND shipment.partner2_id IS NULL) \
        AND below.edition_id = own.edition_id AND below.level <> 'TOTAL' AND below.code <> own.code \
        AND (own.level = 'TOTAL' OR substr(below.code, 1, length(own.code)) = own.code))";
