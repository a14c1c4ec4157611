/*
 * zip.h: archives of .npy files, .npz, and other zip archives.  Internal to the zoo.
 */
#ifndef ZOO_NUMPY_ZIP_H
#define ZOO_NUMPY_ZIP_H

#include "zoo/blob.h"

typedef struct zoo_zip zoo_zip;

/* Opens an archive.  GOP_EFORMAT if it is none, GOP_ESYSTEM, GOP_ENOMEM; GOP_ESTATE if graphop was
 * built without libzip. */
gop_status zoo_zip_open(zoo_zip **zip, const char *path, gop_error *err);
/* NULL is harmless.  Members are closed before. */
void zoo_zip_close(zoo_zip *zip);
/* The number of its members, and their names. */
size_t zoo_zip_members(const zoo_zip *zip);
const char *zoo_zip_name(const zoo_zip *zip, size_t i);
/* The size of member i, and whether it is stored, that is, not compressed; false if unknown. */
bool zoo_zip_size(uint64_t *size, bool *stored, const zoo_zip *zip, size_t i);
/* Opens member i, or the one of a name.  One that is stored is read from any place on; one that is compressed is read
 * from its beginning again whenever a read goes back.  A member's checksum is checked when it has
 * been read from its beginning to its end.  GOP_EFORMAT if the archive has no member of this name
 * or several. */
gop_status zoo_zip_open_member(zoo_blob **b, zoo_zip *zip, size_t i, gop_error *err);
gop_status zoo_zip_member(zoo_blob **b, zoo_zip *zip, const char *name, gop_error *err);

#endif
