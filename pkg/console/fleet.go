package console

import (
	"fmt"
	"net/http"
	"time"

	"keyward/pkg/operator"
)

// releaseShown is how long the overview says who ended a fleet hold.
const releaseShown = 24 * time.Hour

type endHoldData struct {
	operator.Fleet
	Error string
}

// askEndHold is the page that asks once more, where the hold may be ended.
func (c *Console) askEndHold(r *http.Request) (view, error) {
	f, err := c.Client.Fleet(r.Context())
	if err != nil {
		return view{}, err
	}
	if !f.MayEndHold {
		return view{}, notEndable(f)
	}
	return view{page: "endhold", title: "End the fleet hold?", data: endHoldData{Fleet: f}}, nil
}

// notEndable says what the service would answer.
func notEndable(f operator.Fleet) *operator.Problem {
	p := &operator.Problem{Status: http.StatusConflict, Code: operator.CodeNoHold, Detail: "There is no fleet hold."}
	if f.Hold {
		p.Code = operator.CodeHoldYoung
		p.Detail = fmt.Sprintf("The fleet hold may be ended from %s on. Until then Keyward waits by itself.", moment(f.MayEndHoldAt))
	}
	return p
}

func (c *Console) endHold(r *http.Request) (view, error) {
	if r.PostFormValue("sure") != "yes" {
		v, err := c.askEndHold(r)
		if data, ok := v.data.(endHoldData); ok {
			data.Error = "Nothing was changed. Look first, then say that you have."
			v.data, v.status, v.title = data, http.StatusUnprocessableEntity, "Error: "+v.title
		}
		return v, err
	}
	if _, err := c.Client.EndHold(r.Context()); err != nil {
		return view{}, err
	}
	return redirect("/?done=end-hold")
}
