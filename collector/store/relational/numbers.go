package relational

import "context"

// copyNumbers lets a ledger go on with the numbers of another: none that was given is given again, also where what had it is gone.
func copyNumbers(ctx context.Context, from, to *Store) error {
	numbers, err := from.engine.Numbers(ctx)
	if err != nil {
		return err
	}
	return to.engine.SetNumbers(ctx, numbers)
}
