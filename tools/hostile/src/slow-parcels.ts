/** Bytes of a parcel: too many for any block of the primary buffer, so that the socket carries them. */
export const SLOW_PARCEL_BYTES = 60_000;
