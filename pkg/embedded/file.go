package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// A DamagedError comes from Open when the state file is there and cannot be
// used. Nothing was changed.
type DamagedError struct {
	Path string
	Why  string // such as "it is empty"
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("The state file %s is damaged: %s. Put a copy of it back in its place. If there is none, move the file away "+
		"and start again: Keyward then begins anew, without the integrations and keys that were in it.", e.Path, e.Why)
}

// An ExposedError comes from Open when the directory of the state file is open to
// other users of this machine, and holds files already, so that closing it
// is not for Open to decide.
type ExposedError struct{ Dir string }

func (e *ExposedError) Error() string {
	return fmt.Sprintf("The directory %s is open to other users of this machine, and the state file holds private keys. "+
		"Close it with: chmod 700 %s. Or give a directory of Keyward's own.", e.Dir, e.Dir)
}

// openFile opens the state file, and makes it, with its directory, where it is missing.
func openFile(path string, options *bbolt.Options) (*bbolt.DB, error) {
	if err := privateDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Size() == 0:
		return nil, &DamagedError{Path: path, Why: "it is empty"}
	default:
		if err := inspectFile(path, info.Size(), options); err != nil {
			return nil, err
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return nil, err
		}
	}
	return bbolt.Open(path, 0o600, options)
}

// privateDir makes the directory, or sees to it that nobody else may enter it.
func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 || runtime.GOOS == "windows" {
		return err
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		return &ExposedError{Dir: dir}
	}
	return os.Chmod(dir, 0o700) // #nosec G302 -- a directory is searched by its x bits
}

// inspectFile reads the whole file once, so that damage shows before anything is
// written to it, and as an error: bbolt maps the file into memory, where a
// part that is missing ends the process.
func inspectFile(path string, size int64, options *bbolt.Options) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			err = &DamagedError{Path: path, Why: "a part of it does not hold what belongs there"}
		}
	}()
	readOnly := bbolt.Options{ReadOnly: true, Timeout: options.Timeout}
	err = viewFile(path, readOnly, func(tx *bbolt.Tx) error {
		if need := tx.Size(); size < need {
			return &DamagedError{Path: path, Why: fmt.Sprintf("it is cut short, at %d of %d bytes", size, need)}
		}
		return nil
	})
	if err != nil {
		return err
	}
	readOnly.PreLoadFreelist = true
	return viewFile(path, readOnly, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(_, _ []byte) error { return nil })
		})
	})
}

func viewFile(path string, options bbolt.Options, look func(*bbolt.Tx) error) error {
	db, err := bbolt.Open(path, 0o600, &options)
	switch {
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrVersionMismatch), errors.Is(err, berrors.ErrChecksum):
		return &DamagedError{Path: path, Why: "it does not begin as one of Keyward's files does"}
	case errors.Is(err, berrors.ErrTimeout), errors.Is(err, fs.ErrPermission):
		return err
	case err != nil: // such as "file size too small"
		return &DamagedError{Path: path, Why: "it is cut short"}
	}
	defer db.Close()
	return db.View(look)
}
